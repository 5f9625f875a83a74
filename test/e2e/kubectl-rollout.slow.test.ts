/** What users do with rollouts: kubectl against a real API server with the controllers. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { DaemonSet } from '#api/kinds/apps/daemon-set.ts'
import { StatefulSet } from '#api/kinds/apps/stateful-set.ts'
import { Node } from '#api/kinds/core/node.ts'
import { daemonSetController } from '#controller-manager/controllers/daemonset.ts'
import { deploymentController } from '#controller-manager/controllers/deployment.ts'
import { replicaSetController } from '#controller-manager/controllers/replicaset.ts'
import { statefulSetController } from '#controller-manager/controllers/statefulset.ts'
import { type Cluster, startCluster } from '../cluster.ts'
import { runPods, template, webSelector } from '../workloads.ts'
import { hasKubectl, KUBECTL } from './kubectl.ts'

const run = promisify(execFile)

/** Words as in a shell, without quotes. */
const kubectlOn =
  ({ server }: Cluster) =>
  async (words: string): Promise<string> => {
    const all = ['--server', server.url, '--kubeconfig', '/dev/null', ...words.split(' ')]
    const { stdout } = await run(KUBECTL, all)
    return stdout.trim()
  }

test.skipIf(!hasKubectl())('kubectl rollout follows a Deployment, and takes it back', async () => {
  await using cluster = await startCluster({
    controllers: [deploymentController, replicaSetController],
  })
  const kubectl = kubectlOn(cluster)
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

const web = { name: 'web', namespace: 'default' }

const owners = [
  {
    resource: 'statefulset',
    create: async ({ client }: Cluster) => {
      const spec = { replicas: 2, serviceName: 'web', selector: webSelector, template: template() }
      await client.create(StatefulSet, { metadata: web, spec })
    },
    waiting: 'Waiting for 1 pods to be ready...',
    done: 'partitioned roll out complete: 2 new pods have been updated...',
    row: /^web +2\/2 /,
  },
  {
    resource: 'daemonset',
    create: async ({ client }: Cluster) => {
      for (const name of ['n1', 'n2']) {
        const made = await client.create(Node, { metadata: { name } })
        await client.update(Node, { ...made, spec: { taints: [] } })
      }
      const spec = { selector: webSelector, template: template() }
      await client.create(DaemonSet, { metadata: web, spec })
    },
    waiting:
      'Waiting for daemon set "web" rollout to finish: 1 out of 2 new pods have been updated...',
    done: 'daemon set "web" successfully rolled out',
    row: /^web +2 +2 +2 +2 +2 +<none> /,
  },
]

test.skipIf(!hasKubectl()).for(owners)(
  'kubectl rollout follows a $resource, and takes it back',
  async ({ resource, create, waiting, done, row }) => {
    await using cluster = await startCluster({
      controllers: [statefulSetController, daemonSetController()],
    })
    const kubectl = kubectlOn(cluster)
    const name = `${resource}/web`
    await create(cluster)
    await runPods(cluster)
    expect(await kubectl(`rollout status ${name}`)).toBe(done)
    await kubectl(`annotate ${name} kubernetes.io/change-cause=second`)
    await kubectl(`set image ${name} main=web:2`)
    await cluster.settle()
    expect(await kubectl(`rollout status ${name} --watch=false`)).toBe(waiting)
    await runPods(cluster)
    const title = `${resource}.apps/web`
    expect(await kubectl(`rollout history ${name}`)).toBe(
      `${title} \nREVISION  CHANGE-CAUSE\n1         <none>\n2         second`,
    )
    const first = await kubectl(`rollout history ${name} --revision=1`)
    expect(first).toContain(`${title} with revision #1\nPod Template:`)
    expect(first).toMatch(/Image:\s+web:1/)
    expect(await kubectl(`rollout undo ${name}`)).toBe(`${title} rolled back`)
    await runPods(cluster)
    expect(await kubectl('get pods -o jsonpath={.items[*].spec.containers[*].image}')).toBe(
      'web:1 web:1',
    )
    expect(await kubectl(`rollout history ${name}`)).toBe(
      `${title} \nREVISION  CHANGE-CAUSE\n2         second\n3         <none>`,
    )
    await kubectl(`rollout undo ${name} --to-revision=2`)
    await runPods(cluster)
    await kubectl(`rollout restart ${name}`)
    await runPods(cluster)
    expect(await kubectl(`rollout status ${name}`)).toBe(done)
    expect(await kubectl(`get ${name} --no-headers`)).toMatch(row)
    const revisions = await kubectl('get controllerrevisions --no-headers')
    expect(revisions).toMatch(new RegExp(`^(web-\\w+ +${RegExp.escape(title)} +[345] .*\\n?){3}$`))
    expect(await kubectl('get pods -o jsonpath={.items[*].spec.containers[*].image}')).toBe(
      'web:2 web:2',
    )
    expect(cluster.logged).toEqual([])
  },
)
