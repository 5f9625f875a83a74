/** Files that every container of a pod has from its kubelet, in a real directory. */
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Pod } from '#api/kinds/core/pod.ts'
import { temporaryDirectory } from '#test/temporary-directory.ts'
import { PodFiles } from './pod-files.ts'

const podWith = (spec: object): Pod =>
  ({ metadata: { name: 'web', namespace: 'shop', uid: 'u' }, spec }) as unknown as Pod

async function startFiles() {
  const directory = await temporaryDirectory()
  const root = directory.path
  await writeFile(join(root, 'hosts'), '127.0.0.1 me\n')
  await writeFile(join(root, 'resolv.conf'), 'nameserver 9.9.9.9\n')
  const warnings: string[] = []
  const files = new PodFiles({
    rootDirectory: root,
    cluster: { servers: ['10.96.0.10'], domain: 'cluster.local' },
    resolverFile: join(root, 'resolv.conf'),
    hostsFile: join(root, 'hosts'),
    warn: (_, reason) => warnings.push(reason),
  })
  const pod = join(root, 'pods/u')
  return {
    directory,
    root,
    files,
    pod,
    warnings,
    read: (name: string) => readFile(join(pod, name), 'utf8'),
  }
}

const container = { name: 'main', terminationMessagePath: '/dev/termination-log' }

test('hosts and resolver are there for everybody to read, and are not written in vain', async () => {
  const { directory, files, pod, read } = await startFiles()
  await using _directory = directory
  await files.write(podWith({}), ['10.244.1.5'])
  expect(await read('etc-hosts')).toContain('10.244.1.5\tweb\n')
  expect(await read('resolv.conf')).toContain('nameserver 10.96.0.10\n')
  const before = await stat(join(pod, 'etc-hosts'))
  expect(before.mode & 0o777).toBe(0o644)
  await files.write(podWith({}), ['10.244.1.5'])
  expect((await stat(join(pod, 'etc-hosts'))).mtimeMs).toBe(before.mtimeMs)
  // In place: containers that run have this very file mounted.
  await files.write(podWith({}), ['10.244.1.6'])
  expect((await stat(join(pod, 'etc-hosts'))).ino).toBe(before.ino)
  expect(await read('etc-hosts')).toContain('10.244.1.6\tweb\n')
})

test('a pod on the network of its node has the files of the node', async () => {
  const { directory, files, read } = await startFiles()
  await using _directory = directory
  await files.write(podWith({ hostNetwork: true, dnsPolicy: 'Default' }), [])
  expect(await read('etc-hosts')).toBe(
    '# Kubernetes-managed hosts file (host network).\n127.0.0.1 me\n',
  )
  expect(await read('resolv.conf')).toBe('nameserver 9.9.9.9\n')
})

test('more than a resolver takes is told', async () => {
  const { directory, files, warnings } = await startFiles()
  await using _directory = directory
  const nameservers = ['1.1.1.1', '2.2.2.2', '3.3.3.3']
  await files.write(podWith({ dnsConfig: { nameservers } }), [])
  expect(warnings).toEqual(['DNSConfigForming'])
})

test('a container keeps what it mounts itself', async () => {
  const { directory, files, pod } = await startFiles()
  await using _directory = directory
  const pathsOf = async (more: object) => {
    const mounts = await files.mountsOf(podWith({}), { ...container, ...more }, 0)
    return mounts.map(({ containerPath }) => containerPath)
  }
  const usual = ['/etc/hosts', '/etc/resolv.conf', '/dev/termination-log']
  expect(await pathsOf({})).toEqual(usual)
  const volumeMounts = [{ name: 'v', mountPath: '/etc/hosts' }]
  expect(await pathsOf({ volumeMounts })).toEqual(usual.slice(1))
  const message = join(pod, 'containers/main/0-termination')
  expect((await stat(message)).mode & 0o777).toBe(0o666)
})

test('last words are read as far as they may go, of this attempt and the one before', async () => {
  const { directory, files, pod } = await startFiles()
  await using _directory = directory
  const folder = join(pod, 'containers/main')
  for (const attempt of [0, 1, 2]) {
    await files.mountsOf(podWith({}), container, attempt)
    await writeFile(join(folder, `${attempt}-termination`), `words ${attempt}${'x'.repeat(5000)}`)
  }
  expect(await readdir(folder)).toEqual(['1-termination', '2-termination'])
  const words = await files.terminationMessage('u', 'main', 2)
  expect(words.startsWith('words 2')).toBe(true)
  expect(words).toHaveLength(4096)
  expect(await files.terminationMessage('u', 'main', 0)).toBe('')
})

test.for(['../x', 'a/b', '.', '..', ''])('a uid "%s" is refused', async (uid) => {
  const { directory, files } = await startFiles()
  await using _directory = directory
  const pod = { metadata: { name: 'web', namespace: 'shop', uid }, spec: {} } as unknown as Pod
  await expect(files.write(pod, [])).rejects.toThrow('wanted letters, digits and dashes')
})
