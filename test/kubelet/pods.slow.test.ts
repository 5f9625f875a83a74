/** Pods on a real Engine, as a kubelet that runs as a process makes them. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NodeProcess } from './node-process.ts'

let node: NodeProcess
beforeAll(async () => {
  node = await NodeProcess.start()
})
afterAll(() => node[Symbol.asyncDispose]())

test('a pod comes and goes', async () => {
  await node.create('plain')
  const pod = await node.untilReady('plain')
  console.log(JSON.stringify(pod.status))
  expect(node.inside(pod, 'hostname')).toBe('plain')
  console.log(await node.eventsOf('plain'))
  await node.client.delete((await import('#api/kinds/core/pod.ts')).Pod, pod)
  await node.untilGone('plain')
  await expect.poll(() => node.leftovers(), { timeout: 10_000 }).toEqual([])
  console.log(node.output.join(''))
})
