/** The pods that a Job creates: those of its template, marked so that they can be counted. */
import { Job } from '#api/kinds/batch/job.ts'
import type { Pod } from '#api/kinds/core/pod.ts'
import type { PodTemplateSpec } from '#api/parts/core/pod-template.ts'
import type { Input } from '#api/schema.ts'
import { podFor } from '../pods.ts'
import { failureAnnotations } from './job-failures.ts'
import type { WantedPod } from './job-plan.ts'
import { COMPLETION_INDEX, TRACKING } from './job-pods.ts'

const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX'
/** What the server leaves of a prefix, to which it adds five characters more. */
const PREFIX_LENGTH_MAX = 58

export function jobPod(job: Job, wanted: WantedPod): Input<typeof Pod> {
  const { index } = wanted
  const { template } = job.spec
  const finalizers = [...new Set([...(template.metadata.finalizers ?? []), TRACKING])]
  const tracked = { ...template, metadata: { ...template.metadata, finalizers } }
  if (index === undefined) return podFor(Job, job, tracked)
  const pod = podFor(Job, job, indexed(job, tracked, index, wanted))
  return { ...pod, metadata: { ...pod.metadata, generateName: indexPrefix(job, index) } }
}

function indexed(
  job: Job,
  { metadata, spec }: PodTemplateSpec,
  index: number,
  { replaced }: WantedPod,
): PodTemplateSpec {
  const { containers, initContainers } = spec
  const text = String(index)
  const countsFailures = job.spec.backoffLimitPerIndex !== undefined
  return {
    metadata: {
      ...metadata,
      labels: { ...metadata.labels, [COMPLETION_INDEX]: text },
      annotations: {
        ...metadata.annotations,
        [COMPLETION_INDEX]: text,
        ...(countsFailures && failureAnnotations(job, replaced)),
      },
    },
    spec: {
      ...spec,
      hostname: `${job.metadata.name}-${index}`,
      containers: (containers ?? []).map(withIndexVariable),
      ...(initContainers && { initContainers: initContainers.map(withIndexVariable) }),
    },
  }
}

type Container = NonNullable<PodTemplateSpec['spec']['containers']>[number]

function withIndexVariable(container: Container): Container {
  const env = container.env ?? []
  if (env.some(({ name }) => name === INDEX_VARIABLE)) return container
  const fieldPath = `metadata.labels['${COMPLETION_INDEX}']`
  const variable = {
    name: INDEX_VARIABLE,
    valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } },
  }
  return { ...container, env: [...env, variable] }
}

function indexPrefix({ metadata }: Job, index: number): string {
  const end = `-${index}-`
  return metadata.name.slice(0, PREFIX_LENGTH_MAX - end.length) + end
}
