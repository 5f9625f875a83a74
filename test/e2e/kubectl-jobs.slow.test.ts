/** What users do with Jobs and CronJobs: kubectl against a real API server with the controllers. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { Pod } from '#api/kinds/core/pod.ts'
import { cronJobController } from '#controller-manager/controllers/cronjob.ts'
import { garbageCollectorController } from '#controller-manager/controllers/garbage-collector.ts'
import { jobController } from '#controller-manager/controllers/job.ts'
import { jobOrphansController } from '#controller-manager/controllers/job-orphans.ts'
import { type Cluster, startCluster } from '../cluster.ts'
import { elapse } from '../elapse.ts'
import { report } from '../workloads.ts'
import { hasKubectl, KUBECTL } from './kubectl.ts'

const run = promisify(execFile)

const controllers = [
  jobController(),
  jobOrphansController,
  cronJobController(),
  garbageCollectorController,
]

const kubectlOf = (cluster: Cluster) => async (words: string) => {
  const all = ['--server', cluster.server.url, '--kubeconfig', '/dev/null', ...words.split(' ')]
  const { stdout } = await run(KUBECTL, all)
  return stdout.trim()
}

async function end(cluster: Cluster, phase: 'Succeeded' | 'Failed'): Promise<void> {
  await cluster.settle()
  const pods = await cluster.client.list(Pod)
  for (const pod of pods.filter(({ status }) => status.phase === 'Pending')) {
    await report(cluster, pod, { phase })
  }
  await cluster.settle()
}

test.skipIf(!hasKubectl())('kubectl creates Jobs, waits for them and takes them away', async () => {
  await using cluster = await startCluster({ controllers })
  const kubectl = kubectlOf(cluster)
  expect(await kubectl('create job work --image=work:1')).toBe('job.batch/work created')
  await cluster.settle()
  expect(await kubectl('get job work --no-headers')).toMatch(/^work +Running +0\/1 +\S+ +\S+$/)
  expect(await kubectl('get pods -l job-name=work -o name')).toMatch(/^pod\/work-\S{5}$/)
  await end(cluster, 'Succeeded')
  expect(await kubectl('wait --for=condition=complete job/work --timeout=5s')).toBe(
    'job.batch/work condition met',
  )
  const described = await kubectl('describe job work')
  expect(described).toMatch(/Pods Statuses: +0 Active \(0 Ready\) \/ 1 Succeeded \/ 0 Failed/)
  expect(described).toMatch(/Normal +SuccessfulCreate .* job-controller +Created pod: work-/)
  expect(described).toMatch(/Normal +Completed .* job-controller +Job completed/)
  await kubectl('delete job work --cascade=foreground --wait=false')
  await cluster.settle()
  expect(await kubectl('get jobs,pods -o name')).toBe('')
  await kubectl('create job doomed --image=work:1')
  await cluster.settle()
  await kubectl('patch job doomed -p {"spec":{"backoffLimit":0}}')
  await end(cluster, 'Failed')
  expect(await kubectl('wait --for=condition=failed job/doomed --timeout=5s')).toBe(
    'job.batch/doomed condition met',
  )
  expect(await kubectl('get job doomed --no-headers')).toMatch(/^doomed +Failed +0\/1 /)
  await kubectl('delete job doomed --cascade=orphan')
  await cluster.settle()
  expect(await kubectl('get pods -o jsonpath={.items[*].metadata.finalizers}')).toBe('')
  expect(await kubectl('get pods -o jsonpath={.items[*].metadata.ownerReferences}')).toBe('')
  expect(cluster.logged).toEqual([])
})

test.skipIf(!hasKubectl())('kubectl creates CronJobs, and Jobs of them', async () => {
  await using cluster = await startCluster({ controllers })
  const kubectl = kubectlOf(cluster)
  // Words are split at blanks, so the schedule is one that has none.
  await kubectl('create cronjob report --image=report:1 --schedule=@hourly')
  await cluster.settle()
  await kubectl('create job by-hand --from=cronjob/report')
  await end(cluster, 'Succeeded')
  expect(await kubectl('get job by-hand --no-headers')).toMatch(/^by-hand +Complete +1\/1 /)
  await elapse(cluster, 3_601_000)
  const jobs = await kubectl('get jobs -o name --sort-by=.metadata.name')
  expect(jobs).toMatch(/^job.batch\/by-hand\njob.batch\/report-\d+$/)
  expect(await kubectl('get cronjob report --no-headers')).toMatch(
    /^report +@hourly +<none> +False +1 /,
  )
  await end(cluster, 'Succeeded')
  expect(await kubectl('get cronjob report -o jsonpath={.status.lastSuccessfulTime}')).toMatch(
    /^2030-01-01T01:00:/,
  )
  expect(await kubectl('get events -o jsonpath={.items[*].reason}')).toContain('SawCompletedJob')
  await kubectl('delete cronjob report')
  await cluster.settle()
  expect(await kubectl('get jobs,pods -o name')).toBe('')
})
