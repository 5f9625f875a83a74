/** What the Engine says, as a kubelet sees it. */
import { expect, test } from 'vitest'
import type { ContainerDetails, ContainerState } from '#engine/types.ts'
import { podIdentity, sandboxSpec } from '#test/runtime/specs.ts'
import { sandboxLabels } from './labels.ts'
import { containerFrom, sandboxFrom } from './observed.ts'

const NEVER = '0001-01-01T00:00:00Z'
const idle: ContainerState = {
  ...{ Status: 'created', Running: false, OOMKilled: false, Pid: 0, ExitCode: 0, Error: '' },
  ...{ StartedAt: NEVER, FinishedAt: NEVER },
}

function details(
  state: Partial<ContainerState>,
  labels: Readonly<Record<string, string>> = {},
): ContainerDetails {
  return {
    ...{ Id: 'id', Name: '/name', Created: '2030-01-01T00:00:00.5Z', Image: 'sha256:1' },
    State: { ...idle, ...state },
    Config: { Image: 'app', Labels: labels },
    HostConfig: { CgroupParent: '' },
  }
}

const startedAt = { StartedAt: '2030-01-01T00:00:01Z' }
const ended = { ...startedAt, Status: 'exited', FinishedAt: '2030-01-01T00:00:02Z' }

test.for([
  ['created', {}, { state: 'created', exitCode: undefined }],
  ['running', { ...startedAt, Running: true, Status: 'running', Pid: 7 }, { state: 'running' }],
  ['paused', { ...startedAt, Running: true, Status: 'paused' }, { state: 'running' }],
  ['ended', { ...ended, ExitCode: 3 }, { state: 'exited', exitCode: 3, isOutOfMemory: false }],
  [
    'out of memory',
    { ...ended, ExitCode: 137, OOMKilled: true },
    { state: 'exited', exitCode: 137, isOutOfMemory: true },
  ],
  [
    'a start that failed',
    { ExitCode: 127, Error: 'no such file' },
    { state: 'failed', exitCode: 127, error: 'no such file', startedAtMs: undefined },
  ],
] as const)('%s', ([, state, seen]) => {
  expect(containerFrom(details(state))).toMatchObject({ createdAtMs: 1_893_456_000_500, ...seen })
})

test('a sandbox is known by its labels', () => {
  const scope = { cluster: 'c', node: 'n' }
  const spec = sandboxSpec(podIdentity('web'), { attempt: 3, ipc: 'node', processes: 'pod' })
  const addresses = [
    { ip: '10.0.0.2', gateway: '10.0.0.1' },
    { ip: 'fd00::2', gateway: 'fd00::1' },
  ]
  const running = { ...startedAt, Running: true, Pid: 7 }
  expect(sandboxFrom(details(running, sandboxLabels(scope, spec, addresses)))).toMatchObject({
    ...{ attempt: 3, isReady: true, ips: ['10.0.0.2', 'fd00::2'], addresses, processId: 7 },
    ...{ network: 'pod', ipc: 'node', processes: 'pod', cgroupParent: undefined },
  })
  const bare = sandboxLabels(scope, { ...spec, network: 'node' }, [])
  expect(sandboxFrom(details({}, bare))).toMatchObject({ ips: [], network: 'node', isReady: false })
})
