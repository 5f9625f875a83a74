/** Jobs and CronJobs under the accounts that run them: upstream's roles are all they need. */
import { expect, test } from 'vitest'
import { CronJob } from '#api/kinds/batch/cron-job.ts'
import { Job } from '#api/kinds/batch/job.ts'
import { Event } from '#api/kinds/core/event.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { Connection } from '#client/connection.ts'
import type { Controller } from '#client/controller.ts'
import { type RunningControllers, startControllers } from '#client/controllers.ts'
import { anonymous } from '#client/credentials.ts'
import { EventReporter } from '#client/events.ts'
import { Client } from '#client/rest.ts'
import { ManualClock } from '#daemon/clock.ts'
import { startTestServer } from '#test/api-server.ts'
import { type Connected, connect } from '#test/connect.ts'
import { until } from '#test/drive-clock.ts'
import { report } from '#test/workloads.ts'
import { controllers as listed } from '../controllers.ts'

const NAMES = ['job-controller', 'cronjob-controller', 'ttl-after-finished-controller']
const MINUTE_MS = 60_000

/** As a service account of kube-system. */
async function startAs(
  account: string,
  controllers: readonly Controller[],
  connected: Connected,
  stack: AsyncDisposableStack,
): Promise<RunningControllers> {
  const { clock, random, log, informers } = connected
  const headers = async () => ({
    'impersonate-user': `system:serviceaccount:kube-system:${account}`,
    'impersonate-group': 'system:authenticated',
  })
  const server = connected.client.connection.server.href
  const credentials = { ...anonymous, headers }
  const connection = stack.use(new Connection({ server, userAgent: 'tests/1', credentials, clock }))
  const client = new Client({ connection })
  const events = stack.use(new EventReporter({ client, clock, random, log }))
  const parts = { client, informers, events, clock, random, log, graceMs: 1000 }
  return stack.use(await startControllers(controllers, parts, new AbortController().signal))
}

const template = {
  spec: { restartPolicy: 'Never' as const, containers: [{ name: 'main', image: 'work:1' }] },
}

test('nothing that they do is forbidden', async () => {
  const clock = new ManualClock()
  await using server = await startTestServer({ clock, authorization: 'rbac' })
  await using connected = connect(server.url, { clock, namespace: 'default', carrier: 'socket' })
  await using stack = new AsyncDisposableStack()
  for (const { name, account, controller } of listed) {
    if (!NAMES.includes(name)) continue
    await startAs(account, [controller].flat() as Controller[], connected, stack)
  }
  const { client, informers } = connected
  const pods = () => informers.get(Pod).cache.list()
  const jobs = () => informers.get(Job).cache.list()
  const labels = { app: 'orphan' }
  await client.create(Pod, {
    metadata: { name: 'orphan', namespace: 'default', labels },
    ...template,
  })
  const metadata = { name: 'work', namespace: 'default' }
  const selecting = { manualSelector: true, selector: { matchLabels: labels } }
  const selected = { ...template, metadata: { labels } }
  const spec = { ...selecting, completions: 2, parallelism: 2, template: selected }
  await client.create(Job, { metadata, spec: { ...spec, ttlSecondsAfterFinished: 0 } })
  await until(() => pods().length === 2)
  await client.patch(Job, metadata, { spec: { parallelism: 1 } })
  await until(() => pods().length === 1)
  for (const pod of pods()) await report({ client, clock }, pod, { phase: 'Succeeded' })
  clock.jump(10_000)
  await until(() => pods().length === 2)
  for (const pod of pods()) await report({ client, clock }, pod, { phase: 'Succeeded' })
  await until(() => Boolean(jobs()[0]?.metadata.deletionTimestamp))
  await client.patch(Job, metadata, { metadata: { finalizers: null } })
  const jobTemplate = { spec: { template } }
  await client.create(CronJob, {
    metadata: { name: 'report', namespace: 'default' },
    spec: { schedule: '* * * * *', concurrencyPolicy: 'Replace', jobTemplate },
  })
  await until(() => jobs().length === 0)
  for (let minute = 1; minute <= 2; minute++) {
    clock.jump(MINUTE_MS)
    await until(() =>
      jobs().some(({ metadata: { name } }) => name.endsWith(String(minutes(clock)))),
    )
  }
  await until(() => jobs().length === 1)
  const refused = (await client.list(Event)).filter(({ type }) => type === 'Warning')
  expect(refused).toEqual([])
  expect(connected.logged).toEqual([])
})

const minutes = (clock: ManualClock): number => Math.floor(clock.now() / MINUTE_MS)
