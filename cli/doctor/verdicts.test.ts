/** One thing wrong with a machine at a time. */
import { expect, test } from 'vitest'
import { type MachineFacts, verdictsOn } from './verdicts.ts'

const GIB = 2 ** 30
const programs = ['nft', 'ip', 'conntrack', 'nsenter', 'mount', 'kubectl']

const healthy: MachineFacts = {
  platform: 'linux',
  isRoot: true,
  engine: { version: '28.0', cgroups: '2', lacks: [] },
  programs: new Map(programs.map((name) => [name, `/usr/sbin/${name}`])),
  nftProblem: undefined,
  fileSystems: ['ext4', 'nfs4'],
  disk: { path: '/var/lib', freeBytes: 50 * GIB, totalBytes: 100 * GIB },
  freeMemoryBytes: 4 * GIB,
  freePort: 6443,
  networks: [
    { name: 'eth0', range: '192.168.1.7/24' },
    { name: 'default', range: '0.0.0.0/0' },
  ],
}

test('a machine that has everything has nothing to mend', () => {
  const verdicts = verdictsOn(healthy)
  expect(verdicts.filter(({ grade }) => grade !== 'good')).toEqual([])
  expect(verdicts.every(({ advice }) => advice === undefined)).toBe(true)
})

test.for([
  { name: 'no Linux', facts: { platform: 'darwin' }, subject: 'System', grade: 'missing' },
  { name: 'no root', facts: { isRoot: false }, subject: 'System', grade: 'missing' },
  {
    name: 'no Engine',
    facts: { engine: { problem: 'no such file' } },
    subject: 'Docker Engine',
    grade: 'missing',
  },
  {
    name: 'an Engine without limits',
    facts: { engine: { version: '20', cgroups: '1', lacks: ['pids limit'] } },
    subject: 'Docker Engine',
    grade: 'limited',
  },
  { name: 'no nft', facts: { programs: new Map() }, subject: 'nft', grade: 'missing' },
  { name: 'no kubectl', facts: { programs: new Map() }, subject: 'kubectl', grade: 'limited' },
  {
    name: 'no nftables in the kernel',
    facts: { nftProblem: 'Operation not supported' },
    subject: 'nftables in the kernel',
    grade: 'missing',
  },
  { name: 'no NFS', facts: { fileSystems: [] }, subject: 'NFS in the kernel', grade: 'limited' },
  {
    name: 'a full disk',
    facts: { disk: { path: '/', freeBytes: 9 * GIB, totalBytes: 100 * GIB } },
    subject: 'Disk',
    grade: 'missing',
  },
  {
    name: 'a small disk',
    facts: { disk: { path: '/', freeBytes: 4 * GIB, totalBytes: 10 * GIB } },
    subject: 'Disk',
    grade: 'limited',
  },
  { name: 'little memory', facts: { freeMemoryBytes: 1000 }, subject: 'Memory', grade: 'limited' },
  {
    name: 'no port',
    facts: { freePort: undefined },
    subject: 'Port for an API server',
    grade: 'limited',
  },
  {
    name: 'a network among the pods',
    facts: { networks: [{ name: 'vpn', range: '10.244.7.1/24' }] },
    subject: 'Addresses of pods',
    grade: 'limited',
  },
  {
    name: 'a wide network around the Services',
    facts: { networks: [{ name: 'vpn', range: '10.0.0.0/8' }] },
    subject: 'Addresses of Services',
    grade: 'limited',
  },
])('$name is told, and what to do', ({ facts, subject, grade }) => {
  const verdict = verdictsOn({ ...healthy, ...facts }).find((each) => each.subject === subject)
  expect(verdict).toMatchObject({ grade })
  expect(verdict?.advice).toMatch(/\w/)
})
