/** Which annotations a pod may have, and which fields they must agree with. */
import { describe, expect, test } from 'vitest'
import { pod, problemsOf } from './judged-pod.ts'

const at = 'metadata.annotations'
const appArmor = 'container.apparmor.security.beta.kubernetes.io/'
const seccomp = 'container.seccomp.security.alpha.kubernetes.io/'

describe('annotations about pods', () => {
  test.for([
    { annotations: { anything: 'goes' }, expected: [] },
    { annotations: { 'kubernetes.io/config.mirror': 'x' }, nodeName: 'n', expected: [] },
    {
      annotations: { 'kubernetes.io/config.mirror': 'x' },
      expected: [
        `${at}[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName if mirror pod annotation is set`,
      ],
    },
    ...['0', '-5', '2147483647', '-2147483648'].map((cost) => ({
      annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost },
      expected: [],
    })),
    ...['', '+1', '01', '1.5', '2147483648', 'x'].map((cost) => ({
      annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost },
      expected: [
        `${at}[controller.kubernetes.io/pod-deletion-cost]: Invalid value: ${JSON.stringify(cost)}: must be a 32bit integer`,
      ],
    })),
    {
      annotations: {
        'seccomp.security.alpha.kubernetes.io/pod': 'x',
        [`${seccomp}c`]: 'localhost/../x',
      },
      expected: [
        `${at}.seccomp.security.alpha.kubernetes.io/pod: Invalid value: "x": must be a valid seccomp profile`,
        `${at}.${seccomp}c: Invalid value: "../x": must not contain '..'`,
      ],
    },
    {
      annotations: { [`${appArmor}c`]: 'runtime/default', [`${appArmor}x`]: 'y' },
      expected: [
        `${at}[${appArmor}x]: Invalid value: "x": container not found`,
        `${at}[${appArmor}x]: Invalid value: "y": invalid AppArmor profile name: "y"`,
      ],
    },
  ])('$annotations', ({ annotations, expected, ...spec }) => {
    expect(problemsOf(pod(spec, { annotations }))).toEqual(expected)
  })
})

describe('annotations and the fields that took their place', () => {
  const place = 'spec.containers[0].securityContext'
  const differs = (name: string, what: string) =>
    `Forbidden: ${name} ${what} in annotation and field must match`
  test.for([
    { text: 'runtime/default', type: 'RuntimeDefault', expected: [[], []] },
    {
      text: 'docker/default',
      type: 'RuntimeDefault',
      expected: [[], ['type']],
      invalid: true,
    },
    { text: 'unconfined', type: 'RuntimeDefault', expected: [['type'], ['type']] },
    { text: 'unconfined', type: 'Unconfined', expected: [[], []] },
    { text: 'unconfined', type: 'Localhost', name: 'a', expected: [['type'], ['type']] },
    { text: 'localhost/a', type: 'Localhost', name: 'a', expected: [[], []] },
    {
      text: 'localhost/b',
      type: 'Localhost',
      name: 'a',
      expected: [['localhostProfile'], ['localhostProfile']],
    },
  ])(
    '$text and $type',
    ({ text, type, name, expected: [seccompFields, appArmorFields], invalid }) => {
      const profile = { type, ...(name && { localhostProfile: name }) }
      const found = (annotation: string, field: string) =>
        problemsOf(
          pod(
            { containers: [{ name: 'c', image: 'i', securityContext: { [field]: profile } }] },
            { annotations: { [annotation]: text } },
          ),
        )
      const expected = (fields: string[] | undefined, field: string, label: string) =>
        fields!.map(
          (each) =>
            `${place}.${field}.${each}: ${differs(label, each === 'type' ? 'type' : 'profile')}`,
        )
      expect(found(`${seccomp}c`, 'seccompProfile')).toEqual(
        expected(seccompFields, 'seccompProfile', 'seccomp'),
      )
      const ofAppArmor = found(`${appArmor}c`, 'appArmorProfile')
      expect(invalid ? ofAppArmor.slice(1) : ofAppArmor).toEqual(
        expected(appArmorFields, 'appArmorProfile', 'apparmor'),
      )
    },
  )

  test('a pod for Windows has no AppArmor to agree about', () => {
    const spec = { os: { name: 'windows' } }
    const annotations = { [`${appArmor}c`]: 'unconfined' }
    expect(problemsOf(pod(spec, { annotations }))).toEqual([])
  })
})
