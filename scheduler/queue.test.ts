/** Each promise of the queue, by its name. */
import { expect, test } from 'vitest'
import { aNode, aPod, type PodWish, viewOf } from '#bench/scheduling-view.ts'
import { ManualClock } from '#daemon/clock.ts'
import { plugins } from './plugins.ts'
import { podInfo } from './pod-info.ts'
import { SchedulingQueue, type Waiting } from './queue.ts'

const info = (name: string, wish: PodWish = {}) => podInfo(aPod({ name, ...wish }))
const leaving = { type: 'pod removed', pod: info('gone'), node: 'n' } as const

function start() {
  const clock = new ManualClock()
  const queue = new SchedulingQueue({
    clock,
    pluginsOf: () => plugins,
    view: viewOf({ nodes: [aNode('n')] }),
  })
  const taken = async (): Promise<Waiting> => (await queue.take())!
  /** Takes a pod, and has it refused. */
  const refuse = async (...rejectors: string[]): Promise<Waiting> => {
    const waiting = await taken()
    queue.refused(waiting, new Set(rejectors))
    return waiting
  }
  return { clock, queue, taken, refuse }
}

test('ordered: by priority, then by age', async () => {
  const { queue, taken } = start()
  for (const name of ['first', 'second']) queue.set(info(name))
  queue.set(info('urgent', { spec: { priority: 10 } }))
  const names: string[] = []
  for (let index = 0; index < 3; index++) names.push((await taken()).pod.pod.metadata.name)
  expect(names).toEqual(['urgent', 'first', 'second'])
})

test('patient: only an event that a refuser hopes for brings a pod back', async () => {
  const { queue, refuse } = start()
  queue.set(info('web'))
  await refuse('TaintToleration')
  queue.notify(leaving)
  expect(queue.counts().unschedulable).toBe(1)
  queue.notify({ type: 'node', node: aNode('n') })
  expect(queue.counts().unschedulable).toBe(0)
  expect((await queue.take())?.attempts).toBe(2)
})

test('patient: a new status of the pod is no reason to look again', async () => {
  const { queue, refuse } = start()
  queue.set(info('web'))
  await refuse('TaintToleration')
  queue.set(info('web'))
  expect(queue.counts().unschedulable).toBe(1)
  queue.set(info('web', { labels: { app: 'web' } }))
  expect(queue.counts().unschedulable).toBe(0)
})

test('back-off: among others a refused pod comes later; alone it comes at once', async () => {
  const { queue, refuse, taken, clock } = start()
  queue.set(info('refused', { spec: { priority: 10 } }))
  await refuse('NodeResourcesFit')
  queue.set(info('other'))
  queue.notify(leaving)
  expect(queue.counts()).toMatchObject({ active: 1, backoff: 1 })
  expect((await taken()).pod.pod.metadata.name).toBe('other')
  await refuse('NodeResourcesFit')
  queue.set(info('another'))
  clock.jump(2000)
  queue.notify(leaving)
  expect((await taken()).pod.pod.metadata.name).toBe('refused')
})

test('retrying: after an error a pod comes by itself, later each time', async () => {
  const { queue, taken, clock } = start()
  queue.set(info('web'))
  let waiting = await taken()
  for (const waitMs of [1000, 2000, 4000, 8000, 10_000, 10_000]) {
    queue.failed(waiting)
    const next = queue.take()
    clock.jump(waitMs - 1)
    expect(queue.counts().failed).toBe(1)
    clock.jump(1)
    waiting = (await next)!
  }
  expect(waiting.attempts).toBe(7)
})

test('held: a pod comes when its hold ends, if something has happened meanwhile', async () => {
  const { queue, taken } = start()
  for (const name of ['helped', 'forgotten']) queue.set(info(name))
  const [helped, forgotten] = [await taken(), await taken()]
  queue.hold(helped, new Set(['NodeResourcesFit']))
  queue.hold(forgotten, new Set(['NodeName']))
  queue.notify(leaving)
  expect(queue.counts()).toMatchObject({ held: 2, unschedulable: 0 })
  queue.release(helped)
  queue.release(forgotten)
  expect(queue.counts()).toMatchObject({ held: 0, unschedulable: 1 })
  expect((await taken()).pod.pod.metadata.name).toBe('helped')
})

test('gated: a pod comes when its gates are gone', async () => {
  const { queue } = start()
  queue.set(info('web', { spec: { schedulingGates: [{ name: 'a' }] } }))
  expect(queue.counts().gated).toBe(1)
  queue.set(info('web'))
  expect(queue.counts()).toMatchObject({ gated: 0, active: 1 })
})

test('without starving: refused pods come again after five minutes', async () => {
  const { queue, refuse, clock } = start()
  queue.set(info('web'))
  await refuse('TaintToleration')
  const next = queue.take()
  clock.jump(5 * 60_000)
  expect((await next)?.attempts).toBe(2)
})

test('a pod that goes while somebody has it is not put back', async () => {
  const { queue, taken } = start()
  queue.set(info('web'))
  const waiting = await taken()
  queue.remove('default/web')
  expect(queue.holds(waiting)).toBe(false)
  queue.refused(waiting, new Set())
  queue.failed(waiting)
  expect(queue.has('default/web')).toBe(false)
})

test('back-off: what becomes due while nobody takes it waits without a timer', async () => {
  const { queue, taken, clock } = start()
  for (const name of ['failing', 'other']) queue.set(info(name))
  queue.failed(await taken())
  clock.jump(60_000)
  expect(queue.counts()).toMatchObject({ active: 2, failed: 0 })
  expect(clock.pendingTimers).toBe(0)
})
