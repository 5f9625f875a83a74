/** The controller-manager and the cloud-controller-manager as processes, with their own roles. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { CertificateSigningRequest } from '#api/kinds/certificates/certificate-signing-request.ts'
import { Lease } from '#api/kinds/coordination/lease.ts'
import { Endpoints } from '#api/kinds/core/endpoints.ts'
import { Node } from '#api/kinds/core/node.ts'
import { Service } from '#api/kinds/core/service.ts'
import { startServerProcess } from '#bench/server-process.ts'
import { Connection } from '#client/connection.ts'
import { Client } from '#client/rest.ts'
import { systemClock as clock } from '#daemon/clock.ts'
import { certificateRequest } from './certificate-requests.ts'

const UNINITIALIZED = 'node.cloudprovider.kubernetes.io/uninitialized'

function startProcess(program: string, given: readonly string[]) {
  const path = fileURLToPath(new URL(`../${program}/main.ts`, import.meta.url))
  const all = [path, ...given, '--monitoring-port=0', '--logging-format=json']
  const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'] })
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text: Buffer) => output.push(text.toString()))
  }
  return {
    async stop() {
      child.kill('SIGTERM')
      expect(await once(child, 'exit')).toEqual([0, null])
      const lines = output.join('').split('\n')
      return lines.filter((line) => /"level":"(warn|error|fatal)"/.test(line))
    },
  }
}

test('nodes, Services and certificates are taken care of, and both stop in order', async () => {
  await using server = await startServerProcess({ tls: false, flags: {} })
  await using connection = new Connection({ server: server.url, userAgent: 'tester', clock })
  const client = new Client({ connection, namespace: 'default' })
  const pki = join(server.directory, 'data/pki')
  const controllers = startProcess('controller-manager', [
    `--kubeconfig=${pki}/controller-manager.kubeconfig`,
    `--cluster-signing-cert-file=${pki}/ca.crt`,
    `--cluster-signing-key-file=${pki}/ca.key`,
    '--allocate-node-cidrs',
    '--cluster-cidr=10.244.0.0/16',
  ])
  const cloud = startProcess('cloud-controller-manager', [
    `--kubeconfig=${pki}/cloud-controller-manager.kubeconfig`,
    '--load-balancer-pool=192.0.2.10-192.0.2.20',
    '--node-zones=n1=east',
  ])
  const taints = [{ key: UNINITIALIZED, value: 'true', effect: 'NoSchedule' as const }]
  await client.create(Node, { metadata: { name: 'n1' }, spec: { taints } })
  await client.create(Service, {
    metadata: { name: 'web' },
    spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }] },
  })
  const { request } = certificateRequest({
    commonName: 'system:node:n1',
    organizations: ['system:nodes'],
  })
  const signerName = 'kubernetes.io/kube-apiserver-client-kubelet'
  const usages = ['client auth', 'digital signature'] as const
  const spec = { request, signerName, usages: [...usages] }
  await client.create(CertificateSigningRequest, { metadata: { name: 'n1' }, spec })
  const seen = async () => {
    const node = await client.get(Node, { name: 'n1' })
    const service = await client.get(Service, { name: 'web' })
    const csr = await client.get(CertificateSigningRequest, { name: 'n1' })
    return {
      podCIDR: node.spec.podCIDR,
      providerID: node.spec.providerID,
      zone: node.metadata.labels?.['topology.kubernetes.io/zone'],
      address: service.status.loadBalancer.ingress?.[0]?.ip,
      endpoints: Boolean(await client.find(Endpoints, { name: 'web' })),
      isSigned: Boolean(csr.status.certificate),
    }
  }
  await expect.poll(seen, { timeout: 30_000 }).toEqual({
    podCIDR: '10.244.0.0/24',
    providerID: 'local://n1',
    zone: 'east',
    address: '192.0.2.10',
    endpoints: true,
    isSigned: true,
  })
  for (const name of ['kube-controller-manager', 'cloud-controller-manager']) {
    const lease = await client.get(Lease, { name, namespace: 'kube-system' })
    expect(lease.spec.holderIdentity).not.toBe('')
  }
  expect(await cloud.stop()).toEqual([])
  expect(await controllers.stop()).toEqual([])
})
