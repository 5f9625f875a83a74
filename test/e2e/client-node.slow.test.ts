/** The official client for JavaScript works on a real server process. */
import {
  AppsV1Api,
  CoreV1Api,
  type Informer,
  KubeConfig,
  type KubernetesListObject,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  type V1ConfigMap,
  Watch,
} from '@kubernetes/client-node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServerProcess, startServerProcess } from '#bench/server-process.ts'
import { configuration } from './kubectl.ts'

const NAMESPACE = 'default'

let server: ServerProcess
let config: KubeConfig
let core: CoreV1Api

beforeAll(async () => {
  server = await startServerProcess()
  config = new KubeConfig()
  config.loadFromString(JSON.stringify(configuration(server.url, NAMESPACE)))
  core = config.makeApiClient(CoreV1Api)
})
afterAll(() => server[Symbol.asyncDispose]())

const namespace = NAMESPACE
const configMap = (name: string, data: Record<string, string> = {}): V1ConfigMap => ({
  metadata: { name, labels: { app: 'test' } },
  data,
})

/** What comes, in order, to be waited for one at a time. */
function mailbox<Letter>() {
  const letters: Letter[] = []
  let wake = Promise.withResolvers<void>()
  return {
    put(letter: Letter) {
      letters.push(letter)
      wake.resolve()
    },
    async next(): Promise<Letter> {
      while (letters.length === 0) {
        await wake.promise
        wake = Promise.withResolvers()
      }
      return letters.shift()!
    },
  }
}

test('creates, reads, lists, replaces, patches and deletes', async () => {
  const created = await core.createNamespacedConfigMap({
    namespace,
    body: configMap('crud', { a: '1' }),
  })
  expect(created.metadata?.creationTimestamp).toBeInstanceOf(Date)

  const read = await core.readNamespacedConfigMap({ namespace, name: 'crud' })
  expect(read).toEqual(created)

  const replaced = await core.replaceNamespacedConfigMap({
    namespace,
    name: 'crud',
    body: { ...read, data: { a: '2' } },
  })
  expect(replaced.data).toEqual({ a: '2' })

  await expect(
    core.replaceNamespacedConfigMap({ namespace, name: 'crud', body: read }),
  ).rejects.toMatchObject({ code: 409 })

  const patched = await core.patchNamespacedConfigMap(
    { namespace, name: 'crud', body: { data: { b: '3' } } },
    setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
  )
  expect(patched.data).toEqual({ a: '2', b: '3' })

  const listed = await core.listNamespacedConfigMap({ namespace, labelSelector: 'app=test' })
  expect(listed.items.map(({ metadata }) => metadata?.name)).toEqual(['crud'])

  await core.deleteNamespacedConfigMap({ namespace, name: 'crud' })
  await expect(core.readNamespacedConfigMap({ namespace, name: 'crud' })).rejects.toMatchObject({
    code: 404,
  })
})

test('pages through a long list', async () => {
  for (const index of Array(5).keys()) {
    await core.createNamespacedConfigMap({ namespace, body: configMap(`page-${index}`) })
  }
  const labelSelector = 'app=test'
  const names: (string | undefined)[] = []
  let _continue: string | undefined
  do {
    const page = await core.listNamespacedConfigMap({
      namespace,
      labelSelector,
      limit: 2,
      ...(_continue && { _continue }),
    })
    expect(page.items.length).toBeLessThanOrEqual(2)
    names.push(...page.items.map(({ metadata }) => metadata?.name))
    _continue = page.metadata?._continue
  } while (_continue)
  expect(names).toEqual([0, 1, 2, 3, 4].map((index) => `page-${index}`))
  await core.deleteCollectionNamespacedConfigMap({ namespace, labelSelector })
})

test('scales a deployment', async () => {
  const apps = config.makeApiClient(AppsV1Api)
  const labels = { app: 'web' }
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'web', image: 'nginx' }] },
  }
  const body = { metadata: { name: 'web' }, spec: { selector: { matchLabels: labels }, template } }
  await apps.createNamespacedDeployment({ namespace, body })
  const scale = await apps.readNamespacedDeploymentScale({ namespace, name: 'web' })
  expect(scale.spec).toEqual({ replicas: 1 })
  await apps.replaceNamespacedDeploymentScale({
    namespace,
    name: 'web',
    body: { ...scale, spec: { replicas: 4 } },
  })
  const scaled = await apps.readNamespacedDeployment({ namespace, name: 'web' })
  expect(scaled.spec?.replicas).toBe(4)
})

test('watches', async () => {
  const events = mailbox<string>()
  const ended = Promise.withResolvers<unknown>()
  const watching = await new Watch(config).watch(
    `/api/v1/namespaces/${NAMESPACE}/configmaps`,
    { fieldSelector: 'metadata.name=watched', allowWatchBookmarks: true },
    (type, { data }: V1ConfigMap) => events.put(`${type} ${JSON.stringify(data)}`),
    ended.resolve,
  )
  await core.createNamespacedConfigMap({ namespace, body: configMap('watched', { a: '1' }) })
  expect(await events.next()).toBe('ADDED {"a":"1"}')
  await core.replaceNamespacedConfigMap({
    namespace,
    name: 'watched',
    body: configMap('watched', { a: '2' }),
  })
  expect(await events.next()).toBe('MODIFIED {"a":"2"}')
  await core.deleteNamespacedConfigMap({ namespace, name: 'watched' })
  expect(await events.next()).toBe('DELETED {"a":"2"}')
  watching.abort()
  await ended.promise
})

test('informs about what is there and what comes', async () => {
  await core.createNamespacedConfigMap({ namespace, body: configMap('early') })
  const events = mailbox<string>()
  const list = (): Promise<KubernetesListObject<V1ConfigMap>> =>
    core.listNamespacedConfigMap({ namespace })
  const path = `/api/v1/namespaces/${NAMESPACE}/configmaps`
  const informer = makeInformer(config, path, list, 'app=test')
  const failures = failuresOf(informer)
  for (const verb of ['add', 'update', 'delete'] as const) {
    informer.on(verb, ({ metadata }) => {
      if (metadata?.labels?.app === 'test') events.put(`${verb} ${metadata.name}`)
    })
  }
  await informer.start()
  expect(await events.next()).toBe('add early')
  // The client opens its watch after the list; what happens in between is in the watch as well.
  await core.createNamespacedConfigMap({ namespace, body: configMap('late') })
  expect(await events.next()).toBe('add late')
  await core.deleteNamespacedConfigMap({ namespace, name: 'early' })
  expect(await events.next()).toBe('delete early')
  expect(informer.get('late', NAMESPACE)?.metadata?.name).toBe('late')
  await informer.stop()
  expect(failures).toEqual([])
})

function failuresOf(informer: Informer<V1ConfigMap>): unknown[] {
  const failures: unknown[] = []
  informer.on('error', (error: unknown) => failures.push(error))
  return failures
}
