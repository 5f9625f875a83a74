/** Kubeconfigs of users, before and after. */
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import { addToKubeconfig, removeFromKubeconfig, userKubeconfig } from './kubeconfig-file.ts'

const entries = { cluster: { server: 'https://localhost:6443' }, user: { token: 'a' } }
/** Waits for nobody. */
const clock = { sleep: () => Promise.resolve() }
let directory: string
let path: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubeconfig-'))
  path = join(directory, 'config')
})
afterEach(() => rm(directory, { recursive: true }))

const read = async () => parse(await readFile(path, 'utf8'))

test('the first cluster becomes the current one', async () => {
  const merged = await addToKubeconfig(path, 'demo', entries, false, clock)
  expect(merged).toEqual({ previousContext: undefined, isCurrent: true })
  expect(await read()).toMatchObject({
    'current-context': 'nanokube-demo',
    clusters: [{ name: 'nanokube-demo', cluster: entries.cluster }],
    users: [{ name: 'nanokube-demo', user: entries.user }],
    contexts: [{ name: 'nanokube-demo', context: { cluster: 'nanokube-demo' } }],
  })
})

const foreign = `# mine
apiVersion: v1
kind: Config
current-context: work
clusters:
  - name: work # keep
    cluster: { server: https://work }
contexts: []
users: null
`

test('what others have in the file stays, with its comments, and stays current', async () => {
  await writeFile(path, foreign)
  const merged = await addToKubeconfig(path, 'demo', entries, false, clock)
  expect(merged).toEqual({ previousContext: 'work', isCurrent: false })
  const text = await readFile(path, 'utf8')
  expect(text).toContain('# mine')
  expect(text).toContain('name: work # keep')
  await removeFromKubeconfig(path, 'demo', clock)
  expect(await read()).toMatchObject({ 'current-context': 'work', users: [], contexts: [] })
})

test('another cluster becomes current only when that is asked for', async () => {
  await writeFile(path, foreign)
  const merged = await addToKubeconfig(path, 'demo', entries, true, clock)
  expect(merged).toEqual({ previousContext: 'work', isCurrent: true })
  expect(await read()).toMatchObject({ 'current-context': 'nanokube-demo' })
})

test('adding a cluster again replaces its entries', async () => {
  await addToKubeconfig(path, 'demo', entries, false, clock)
  await addToKubeconfig(path, 'demo', { ...entries, user: { token: 'b' } }, false, clock)
  expect((await read()).users).toEqual([{ name: 'nanokube-demo', user: { token: 'b' } }])
})

test('removing the current cluster leaves no current one', async () => {
  await addToKubeconfig(path, 'demo', entries, false, clock)
  await removeFromKubeconfig(path, 'demo', clock)
  expect(await read()).toMatchObject({ 'current-context': '', clusters: [] })
})

test('a link stays a link', async () => {
  const target = join(directory, 'real')
  await writeFile(target, foreign)
  await symlink(target, path)
  await addToKubeconfig(path, 'demo', entries, false, clock)
  expect(await readFile(target, 'utf8')).toContain('nanokube-demo')
  expect((await readdir(directory)).toSorted()).toEqual(['config', 'real'])
})

test('a file that kubectl is changing is left alone', async () => {
  await writeFile(path, foreign)
  await writeFile(`${path}.lock`, '')
  const adding = addToKubeconfig(path, 'demo', entries, false, clock)
  await expect(adding).rejects.toThrow('somebody else is changing it')
  expect(await readFile(path, 'utf8')).toBe(foreign)
})

test('a file that is no YAML is named, and left as it is', async () => {
  await writeFile(path, 'a: [')
  await expect(addToKubeconfig(path, 'demo', entries, false, clock)).rejects.toThrow(
    `kubeconfig ${path}`,
  )
  expect(await readFile(path, 'utf8')).toBe('a: [')
})

test.for([
  { environment: { KUBECONFIG: '/a:/b' }, wanted: '/a' },
  { environment: { KUBECONFIG: '', HOME: '/somewhere' }, wanted: '/somewhere/.kube/config' },
])('the file of kubectl: $wanted', ({ environment, wanted }) => {
  expect(userKubeconfig(environment)).toBe(wanted)
})
