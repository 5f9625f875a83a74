/** Where the pod is in an object that is one, or that pods are made from. */
import type { CronJob } from '#api/kinds/batch/cron-job.ts'
import type { PodTemplate } from '#api/kinds/core/pod-template.ts'
import type { ApiObject } from '../../stored-object.ts'
import type { Subject } from './check.ts'

type Find = (object: ApiObject) => Subject | undefined

interface Templated {
  readonly spec: { readonly template?: Subject }
}

const ofPod: Find = (object) => object as unknown as Subject
const ofTemplate: Find = (object) => (object as unknown as Templated).spec.template

/** By plural and group. */
export const subjectOf: ReadonlyMap<string, Find> = new Map<string, Find>([
  ['pods', ofPod],
  ['podtemplates', (object) => (object as unknown as PodTemplate).template],
  ['replicationcontrollers', ofTemplate],
  ['replicasets.apps', ofTemplate],
  ['deployments.apps', ofTemplate],
  ['statefulsets.apps', ofTemplate],
  ['daemonsets.apps', ofTemplate],
  ['jobs.batch', ofTemplate],
  ['cronjobs.batch', (object) => (object as unknown as CronJob).spec.jobTemplate.spec.template],
])
