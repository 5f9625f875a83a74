/** Which variables Services become, and which Services at all. */
import { expect, test } from 'vitest'
import type { Service } from '#api/kinds/core/service.ts'
import { serviceVariables } from './service-variables.ts'

interface Wish {
  readonly namespace?: string
  readonly clusterIP?: string
  readonly ports?: readonly object[]
}

const service = (name: string, { namespace = 'shop', clusterIP = '10.96.0.7', ports }: Wish = {}) =>
  ({
    metadata: { name, namespace },
    spec: { clusterIP, ports: ports ?? [{ port: 80, protocol: 'TCP' }] },
  }) as unknown as Service

const master = service('kubernetes', {
  namespace: 'default',
  clusterIP: '10.96.0.1',
  ports: [{ name: 'https', port: 443, protocol: 'TCP' }],
})

const named = (services: readonly Service[], links: boolean) =>
  Object.fromEntries(serviceVariables(services, 'shop', links))

test('a Service with two ports has links for both, and the first as its own', () => {
  const web = service('my-web', {
    ports: [
      { name: 'http', port: 80, protocol: 'TCP' },
      { name: 'dns-udp', port: 53, protocol: 'UDP' },
    ],
  })
  expect(named([web], true)).toEqual({
    MY_WEB_SERVICE_HOST: '10.96.0.7',
    MY_WEB_SERVICE_PORT: '80',
    MY_WEB_SERVICE_PORT_HTTP: '80',
    MY_WEB_SERVICE_PORT_DNS_UDP: '53',
    MY_WEB_PORT: 'tcp://10.96.0.7:80',
    MY_WEB_PORT_80_TCP: 'tcp://10.96.0.7:80',
    MY_WEB_PORT_80_TCP_PROTO: 'tcp',
    MY_WEB_PORT_80_TCP_PORT: '80',
    MY_WEB_PORT_80_TCP_ADDR: '10.96.0.7',
    MY_WEB_PORT_53_UDP: 'udp://10.96.0.7:53',
    MY_WEB_PORT_53_UDP_PROTO: 'udp',
    MY_WEB_PORT_53_UDP_PORT: '53',
    MY_WEB_PORT_53_UDP_ADDR: '10.96.0.7',
  })
})

test.for([
  { name: 'without links the API server alone', services: [master, service('a')], links: false },
  { name: 'headless ones are left out', services: [master, service('a', { clusterIP: 'None' })] },
  { name: 'names without address too', services: [master, service('a', { clusterIP: '' })] },
  { name: 'and other namespaces', services: [master, service('a', { namespace: 'other' })] },
])('$name', ({ services, links = true }) => {
  const names = Object.keys(named(services, links))
  expect(names.filter((each) => !each.startsWith('KUBERNETES_'))).toEqual([])
  expect(named(services, links).KUBERNETES_SERVICE_HOST).toBe('10.96.0.1')
})

test('a Service of the same name in the namespace of the pod wins', () => {
  const own = service('kubernetes')
  expect(named([master, own], true).KUBERNETES_SERVICE_HOST).toBe('10.96.0.7')
  expect(named([master, own], false).KUBERNETES_SERVICE_HOST).toBe('10.96.0.1')
})

test('an address of version 6 stands in brackets', () => {
  const variables = named([service('a', { clusterIP: 'fd00::7' })], true)
  expect(variables.A_PORT).toBe('tcp://[fd00::7]:80')
  expect(variables.A_PORT_80_TCP_ADDR).toBe('fd00::7')
})
