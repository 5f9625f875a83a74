/** What users do with rollouts: kubectl against a real API server with the controllers. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { deploymentController } from '#controller-manager/controllers/deployment.ts'
import { replicaSetController } from '#controller-manager/controllers/replicaset.ts'
import { startCluster } from '../cluster.ts'
import { runPods } from '../workloads.ts'
import { hasKubectl, KUBECTL } from './kubectl.ts'

const run = promisify(execFile)

test.skipIf(!hasKubectl())('kubectl rollout follows a Deployment, and takes it back', async () => {
  await using cluster = await startCluster({
    controllers: [deploymentController, replicaSetController],
  })
  const kubectl = async (words: string): Promise<string> => {
    const all = ['--server', cluster.server.url, '--kubeconfig', '/dev/null', ...words.split(' ')]
    const { stdout } = await run(KUBECTL, all)
    return stdout.trim()
  }
  await kubectl('create deployment web --image=web:1 --replicas=3')
  expect(await kubectl('rollout status deployment/web --watch=false')).toMatch(/^Waiting for/)
  await runPods(cluster)
  expect(await kubectl('rollout status deployment/web')).toBe(
    'deployment "web" successfully rolled out',
  )
  await kubectl('set image deployment/web web=web:2')
  await runPods(cluster)
  await kubectl('annotate deployment/web kubernetes.io/change-cause=second')
  await runPods(cluster)
  expect(await kubectl('rollout history deployment/web')).toBe(
    'deployment.apps/web \nREVISION  CHANGE-CAUSE\n1         <none>\n2         second',
  )
  expect(await kubectl('rollout history deployment/web --revision=1')).toContain('web:1')
  await kubectl('rollout undo deployment/web')
  await runPods(cluster)
  expect(await kubectl('get pods -o jsonpath={.items[*].spec.containers[*].image}')).toBe(
    'web:1 web:1 web:1',
  )
  expect(await kubectl('rollout history deployment/web')).toBe(
    'deployment.apps/web \nREVISION  CHANGE-CAUSE\n2         second\n3         <none>',
  )
  await kubectl('rollout pause deployment/web')
  await kubectl('set image deployment/web web=web:3')
  await runPods(cluster)
  expect(await kubectl('get replicasets -o name')).toMatch(/^\S+\n\S+$/)
  await kubectl('rollout resume deployment/web')
  await kubectl('scale deployment/web --replicas=2')
  await runPods(cluster)
  expect(await kubectl('get deployment web --no-headers')).toMatch(/^web +2\/2 +2 +2 /)
  await kubectl('rollout restart deployment/web')
  await runPods(cluster)
  expect(await kubectl('rollout status deployment/web')).toContain('successfully rolled out')
  expect(cluster.logged).toEqual([])
})
