/** Which probes and hooks a container may have. */
import { describe, expect, test } from 'vitest'
import { podOf, problemsOf } from './judged-pod.ts'

const exec = { exec: { command: ['true'] } }
const c = 'spec.containers[0]'

describe('probes', () => {
  const at = `${c}.livenessProbe`
  test.for([
    { name: 'exec', probe: exec, expected: [] },
    { name: 'http', probe: { httpGet: { port: 80 } }, expected: [] },
    { name: 'port by name', probe: { tcpSocket: { port: 'web' } }, expected: [] },
    { name: 'grpc', probe: { grpc: { port: 80 } }, expected: [] },
    {
      name: 'no handler',
      probe: { periodSeconds: 5 },
      expected: [`${at}: Required value: must specify a handler type`],
    },
    {
      name: 'two handlers',
      probe: { ...exec, tcpSocket: { port: 0 } },
      expected: [`${at}.tcpSocket: Forbidden: may not specify more than 1 handler type`],
    },
    {
      name: 'no command',
      probe: { exec: {} },
      expected: [`${at}.exec.command: Required value`],
    },
    {
      name: 'http details',
      probe: {
        httpGet: { port: '80', scheme: 'FTP', httpHeaders: [{ name: 'a b', value: '' }] },
      },
      expected: [
        `${at}.httpGet.port: Invalid value: "80": must contain at least one letter (a-z)`,
        `${at}.httpGet.scheme: Unsupported value: "FTP": supported values: "HTTP", "HTTPS"`,
        `${at}.httpGet.httpHeaders: Invalid value: "a b": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')`,
      ],
    },
    {
      name: 'port out of range',
      probe: { tcpSocket: { port: 65536 } },
      expected: [
        `${at}.tcpSocket.port: Invalid value: 65536: must be between 1 and 65535, inclusive`,
      ],
    },
    {
      name: 'negative counters',
      probe: {
        ...exec,
        initialDelaySeconds: -1,
        timeoutSeconds: -1,
        periodSeconds: -1,
        successThreshold: -1,
        failureThreshold: -1,
        terminationGracePeriodSeconds: 0,
      },
      expected: [
        ...[
          'initialDelaySeconds',
          'timeoutSeconds',
          'periodSeconds',
          'successThreshold',
          'failureThreshold',
        ].map((field) => `${at}.${field}: Invalid value: -1: must be greater than or equal to 0`),
        `${at}.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0`,
        `${at}.successThreshold: Invalid value: -1: must be 1`,
      ],
    },
  ])('$name', ({ probe, expected }) => {
    expect(problemsOf(podOf({ livenessProbe: probe }))).toEqual(expected)
  })

  test('only readiness may need several successes, and it never stops a container', () => {
    const probe = { ...exec, successThreshold: 2, terminationGracePeriodSeconds: 5 }
    const container = { livenessProbe: probe, readinessProbe: probe, startupProbe: probe }
    expect(problemsOf(podOf(container))).toEqual([
      `${c}.livenessProbe.successThreshold: Invalid value: 2: must be 1`,
      `${c}.readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes`,
      `${c}.startupProbe.successThreshold: Invalid value: 2: must be 1`,
    ])
  })
})

describe('lifecycle hooks', () => {
  const at = `${c}.lifecycle`
  test.for([
    { lifecycle: { postStart: exec, preStop: { sleep: { seconds: 0 } } }, expected: [] },
    { lifecycle: { preStop: { httpGet: { port: 80, path: '/stop' } } }, expected: [] },
    { lifecycle: { preStop: { sleep: { seconds: 30 } } }, expected: [] },
    {
      lifecycle: { preStop: { sleep: { seconds: 31 } } },
      expected: [
        `${at}.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)`,
      ],
    },
    {
      lifecycle: { postStart: {} },
      expected: [`${at}.postStart: Required value: must specify a handler type`],
    },
    {
      lifecycle: { stopSignal: 'SIGUSR1' },
      expected: [
        `${at}.stopSignal: Forbidden: may not be set for containers with empty \`spec.os.name\``,
      ],
    },
    { lifecycle: { stopSignal: 'SIGUSR1' }, os: 'linux', expected: [] },
    {
      lifecycle: { stopSignal: 'SIGUSR1' },
      os: 'windows',
      expected: [
        `${at}.stopSignal: Unsupported value: "SIGUSR1": supported values: "SIGKILL", "SIGTERM"`,
      ],
    },
  ])('$lifecycle $os', ({ lifecycle, os, expected }) => {
    expect(problemsOf(podOf({ lifecycle }, os ? { os: { name: os } } : {}))).toEqual(expected)
  })
})
