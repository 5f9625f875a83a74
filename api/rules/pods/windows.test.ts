/** What pods for one operating system may say. */
import { describe, expect, test } from 'vitest'
import { pod, podOf, problemsOf } from './judged-pod.ts'

const at = 'spec.securityContext.windowsOptions'

describe('options', () => {
  const user = `${at}.runAsUserName`
  const invalid = (text: string, detail: string) =>
    `${user}: Invalid value: ${JSON.stringify(text)}: runAsUserName${detail}`
  test.for([
    { options: { runAsUserName: 'user' }, expected: [] },
    { options: { runAsUserName: 'DOMAIN\\user name' }, expected: [] },
    { options: { runAsUserName: 'example.com\\user' }, expected: [] },
    { options: { runAsUserName: '' }, expected: [invalid('', ' cannot be an empty string')] },
    {
      options: { runAsUserName: 'a\tb' },
      expected: [invalid('a\tb', ' cannot contain control characters')],
    },
    {
      options: { runAsUserName: 'a\\b\\c' },
      expected: [invalid('a\\b\\c', ' cannot contain more than one backslash')],
    },
    {
      options: { runAsUserName: '.a b\\user' },
      expected: [invalid('.a b\\user', "'s Domain doesn't match the NetBios nor the DNS format")],
    },
    {
      options: { runAsUserName: 'a\\' },
      expected: [invalid('a\\', "'s User cannot be empty")],
    },
    {
      options: { runAsUserName: '. .' },
      expected: [invalid('. .', "'s User cannot contain only periods or spaces")],
    },
    {
      options: { runAsUserName: 'a@b' },
      expected: [
        invalid('a@b', `'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]`),
      ],
    },
    {
      options: { runAsUserName: 'u'.repeat(105) },
      expected: [invalid('u'.repeat(105), "'s User length must not be longer than 104 characters")],
    },
    {
      options: { gmsaCredentialSpec: '' },
      expected: [
        `${at}.gmsaCredentialSpec: Invalid value: "": gmsaCredentialSpec cannot be an empty string`,
      ],
    },
  ])('$options', ({ options, expected }) => {
    expect(problemsOf(pod({ securityContext: { windowsOptions: options } }))).toEqual(expected)
  })

  test('a specification that is too large', () => {
    const spec = 'x'.repeat(64 * 1024 + 1)
    const [problem] = problemsOf(
      pod({ securityContext: { windowsOptions: { gmsaCredentialSpec: spec } } }),
    )
    expect(problem).toMatch(/gmsaCredentialSpec size must be under 64 KiB$/)
  })
})

describe('containers on the host', () => {
  const own = (hostProcess: boolean) => ({ securityContext: { windowsOptions: { hostProcess } } })
  const initContainers = [{ name: 'i', image: 'i', ...own(true) }]
  test.for([
    { name: 'all of them', container: own(true), spec: { hostNetwork: true }, expected: [] },
    {
      name: 'not on the network of the host',
      container: own(true),
      spec: {},
      expected: [
        'spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers',
      ],
    },
    {
      name: 'some of them',
      container: {},
      spec: { hostNetwork: true, initContainers },
      expected: [
        'spec: Invalid value: "": If pod contains any hostProcess containers then all containers must be HostProcess containers',
      ],
    },
    {
      name: 'not what the pod says',
      container: own(true),
      spec: { hostNetwork: true, ...own(false) },
      expected: [
        'spec.containers[0].securityContext.windowsOptions.hostProcess: Invalid value: true: pod hostProcess value must be identical if both are specified, was false',
      ],
    },
  ])('$name', ({ container, spec, expected }) => {
    expect(problemsOf(podOf(container, spec))).toEqual(expected)
  })
})

describe('the operating system', () => {
  test.for([
    { os: {}, expected: ['spec.os.name: Required value: cannot be empty'] },
    {
      os: { name: 'beos' },
      expected: ['spec.os: Unsupported value: "beos": supported values: "linux", "windows"'],
    },
    {
      os: { name: 'linux' },
      spec: { securityContext: { windowsOptions: {} } },
      container: { securityContext: { windowsOptions: {} } },
      expected: ['spec.', 'spec.containers[0].'].map(
        (place) =>
          `${place}securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod`,
      ),
    },
    {
      os: { name: 'windows' },
      spec: {
        hostPID: true,
        hostUsers: true,
        securityContext: { fsGroup: 1, runAsUser: 1, seccompProfile: { type: 'Unconfined' } },
      },
      container: { securityContext: { privileged: false, capabilities: {} } },
      expected: [
        'spec.hostUsers',
        'spec.hostPID',
        'spec.securityContext.seccompProfile',
        'spec.securityContext.fsGroup',
        'spec.securityContext.runAsUser',
        'spec.containers[0].securityContext.capabilities',
        'spec.containers[0].securityContext.privileged',
      ].map((field) => `${field}: Forbidden: cannot be set for a windows pod`),
    },
  ])('$os', ({ os, spec, container = {}, expected }) => {
    expect(problemsOf(podOf(container, { os, ...spec }))).toEqual(expected)
  })
})
