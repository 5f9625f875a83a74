/** Images from a registry: with and without a password, and whose they are afterwards. */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DockerSubject } from '#test/engine/docker-subject.ts'
import { busyboxArchive } from '#test/engine/images.ts'
import { Registry } from '#test/engine/registry.ts'
import { podIdentity, removePod, startPod } from '#test/runtime/specs.ts'
import type { PullOptions } from '../runtime.ts'

let subject: DockerSubject
let open: Registry
let closed: Registry
let name: string
let secretName: string
beforeAll(async () => {
  subject = await DockerSubject.start()
  open = await Registry.start()
  closed = await Registry.start({ password: true })
  name = `${open.address}/team/app:v1`
  secretName = `${closed.address}/team/app:v1`
  const [repository = '', tag = ''] = [`${open.address}/team/app`, 'v1']
  const archive = await busyboxArchive(subject.cluster)
  await subject.engine.importImage(repository, tag, archive, ['USER 1000:1000'])
  docker('tag', name, secretName)
  docker('push', '-q', name)
  docker('login', '-u', 'tester', '-p', 'secret', closed.address)
  docker('push', '-q', secretName)
  docker('logout', closed.address)
})
beforeEach(() => {
  for (const each of [name, secretName]) docker('rmi', '-f', each)
})
afterAll(async () => {
  for (const each of [name, secretName]) docker('rmi', '-f', each)
  await closed[Symbol.asyncDispose]()
  await open[Symbol.asyncDispose]()
  await subject[Symbol.asyncDispose]()
})

const right = { username: 'tester', password: 'secret' }
const wrong = { username: 'tester', password: 'guess' }
const options = (more: Partial<PullOptions> = {}): PullOptions => ({
  pod: podIdentity('puller'),
  credentials: [],
  signal: new AbortController().signal,
  ...more,
})

describe('pulling', () => {
  test('brings an image, which is ours then', async () => {
    const { images } = subject.runtime
    expect(await images.find(name)).toBeUndefined()
    const image = await images.pull(name, options())
    expect(image).toMatchObject({ names: [name], user: '1000:1000', isOurs: true })
    expect(image.digests[0]).toMatch(/^127\.0\.0\.1:\d+\/team\/app@sha256:[0-9a-f]{64}$/)
    expect(await images.find(name)).toEqual(image)
    const byDigest = String(image.digests[0])
    expect(await images.find(byDigest)).toEqual(image)
    await images.remove(image.id)
    expect(await images.find(name)).toBeUndefined()
    const again = await images.pull(byDigest, options())
    expect(again.id).toBe(image.id)
    await images.remove(again.id)
  })

  test('tries credentials in their order', async () => {
    const { images } = subject.runtime
    const image = await images.pull(secretName, options({ credentials: [wrong, right] }))
    expect(image.isOurs).toBe(true)
    await images.remove(image.id)
  })

  test.for([
    [
      'nobody may see it',
      (): string => secretName,
      [],
      'ErrImagePull',
      /no basic auth credentials/,
    ],
    [
      'the password is wrong',
      (): string => secretName,
      [wrong],
      'ErrImagePull',
      /unauthorized|no basic auth/,
    ],
    [
      'it is not there',
      (): string => `${open.address}/team/nothing`,
      [],
      'ErrImagePull',
      /not found/,
    ],
    ['there is no registry', (): string => '127.0.0.1:9/app', [], 'RegistryUnavailable', /refused/],
  ] as const)('fails when %s', async ([, reference, credentials, reason, message]) => {
    const pulling = subject.runtime.images.pull(reference(), options({ credentials }))
    await expect(pulling).rejects.toMatchObject({ name: 'ImageError', reason })
    await expect(pulling).rejects.toThrow(message)
  })

  test('ends when it is not wanted any more', async () => {
    const signal = AbortSignal.abort(new Error('pod deleted'))
    const pulling = subject.runtime.images.pull(name, options({ signal }))
    await expect(pulling).rejects.toThrow('pod deleted')
  })
})

describe('images that stay', () => {
  test('are those that somebody else has brought', async () => {
    docker('pull', '-q', name)
    const { images } = subject.runtime
    const image = await images.pull(name, options())
    expect(image.isOurs).toBe(false)
    await expect(images.remove(image.id)).rejects.toThrow('no kubelet has pulled it')
    expect(await images.find(name)).toBeDefined()
  })

  test('are those that somebody has given a name of their own', async () => {
    const { images } = subject.runtime
    const image = await images.pull(name, options())
    const theirs = `user-${subject.cluster}:1`
    docker('tag', name, theirs)
    try {
      await expect(images.remove(image.id)).rejects.toThrow(`somebody has named it "${theirs}"`)
    } finally {
      docker('rmi', theirs)
    }
    await images.remove(image.id)
  })

  test('are those that are in use', async () => {
    const { runtime } = subject
    const image = await runtime.images.pull(name, options())
    const pod = podIdentity('holder')
    await startPod(runtime, name, pod)
    await expect(runtime.images.remove(image.id)).rejects.toThrow(/is using|being used/)
    await removePod(runtime, pod)
    await runtime.images.remove(image.id)
  })

  test('are remembered as ours by a kubelet that starts anew', async () => {
    const image = await subject.runtime.images.pull(name, options())
    await using restarted = await subject.restart()
    expect((await restarted.images.find(name))?.isOurs).toBe(true)
    await using neighbour = await subject.open({ rootDirectory: `${subject.rootDirectory}/other` })
    expect((await neighbour.images.find(name))?.isOurs).toBe(false)
    await restarted.images.remove(image.id)
  })
})

function docker(...programArguments: readonly string[]): string {
  return execFileSync('docker', programArguments, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim()
}
