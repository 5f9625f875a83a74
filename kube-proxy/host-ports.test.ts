/** Pods as rules: host ports of every kind, and pods that have none. */
import { expect, test } from 'vitest'
import { podRules } from './host-ports.ts'
import { pod } from './test-objects.ts'

type Pod = Parameters<typeof podRules>[0]
const container = (...ports: object[]) => ({ name: 'main', ports }) as never
const hairpin = 'hairpin 10.244.0.5 . 10.244.0.5 -> '

test.for<[string, Pod, string[]]>([
  ['without ports', pod({}), [hairpin]],
  [
    'a port',
    pod({ containers: [container({ hostPort: 80, containerPort: 8080, protocol: 'TCP' })] }),
    [hairpin, 'hostports tcp . 80 -> 10.244.0.5 . 8080'],
  ],
  [
    'at one address',
    pod({ containers: [container({ hostPort: 80, hostIP: '172.28.0.11', containerPort: 8080 })] }),
    [hairpin, 'hostports-at 172.28.0.11 . tcp . 80 -> 10.244.0.5 . 8080'],
  ],
  [
    'at every address, in words',
    pod({ containers: [container({ hostPort: 80, hostIP: '0.0.0.0', containerPort: 8080 })] }),
    [hairpin, 'hostports tcp . 80 -> 10.244.0.5 . 8080'],
  ],
  [
    'at an address of the other family',
    pod({ containers: [container({ hostPort: 80, hostIP: 'fd00::1', containerPort: 8080 })] }),
    [hairpin],
  ],
  ['a container port alone', pod({ containers: [container({ containerPort: 80 })] }), [hairpin]],
  [
    'of a sidecar',
    pod({ initContainers: [container({ hostPort: 81, containerPort: 81 })] }),
    [hairpin, 'hostports tcp . 81 -> 10.244.0.5 . 81'],
  ],
  [
    'on the network of the node',
    pod({ hostNetwork: true, containers: [container({ hostPort: 80, containerPort: 80 })] }),
    [],
  ],
  ['over', pod({}, { phase: 'Succeeded' }), []],
  ['without an address yet', pod({}, { podIP: '', podIPs: [] }), []],
])('podRules(): %s', ([, object, wanted]) => {
  const { elements } = podRules(object, 'IPv4').piece
  expect([...elements].map(([key, value]) => `${key.replace('\n', ' ')} -> ${value}`)).toEqual(
    wanted,
  )
})

test('podRules(): UDP ports tell where their packets may go', () => {
  const ports = [{ hostPort: 53, containerPort: 5353, protocol: 'UDP' }]
  expect(podRules(pod({ containers: [container(...ports)] }), 'IPv4').udp).toEqual([
    { address: undefined, port: 53, backends: ['10.244.0.5 5353'] },
  ])
})
