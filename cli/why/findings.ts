/** What `nanokube why` says about an object: in words, most telling first. Pure. */
import type { Event } from '#api/kinds/core/event.ts'
import type { Condition } from './known.ts'

/** One reason, and where there is one, what to do about it. */
export interface Finding {
  readonly text: string
  readonly advice?: string
}

/** How many nodes refuse a pod, and why, as the scheduler counts them. */
export interface Verdict {
  readonly nodes: number
  readonly reason: string
}

export interface Verdicts {
  readonly nodes: number
  readonly verdicts: readonly Verdict[]
  /** What the scheduler says besides: claims that are missing, preemption. */
  readonly rest: string
}

/** `0/3 nodes are available: 1 Insufficient cpu, 2 Too many pods. preemption: …` */
export function readVerdicts(message: string): Verdicts | undefined {
  const match = /^0\/(\d+) nodes are available(?:: (.*))?$/s.exec(message)
  if (!match) return undefined
  const [, count, told = ''] = match
  const [verdictPart = '', ...rest] = told.split(/\. ?(?=preemption: |no new claims)/)
  // A reason may hold commas of its own: only one before a number begins the next.
  const pieces = verdictPart.replace(/\.$/, '').split(/, (?=\d+ )/)
  const counted = pieces.map((piece) => /^(\d+) (.*)$/s.exec(piece))
  const plain = pieces.filter((_, index) => !counted[index])
  return {
    nodes: Number(count),
    verdicts: counted.flatMap((each) =>
      each ? [{ nodes: Number(each[1]), reason: each[2] ?? '' }] : [],
    ),
    rest: [...plain, ...rest].filter(Boolean).join('. ').replace(/\.$/, ''),
  }
}

const hints: readonly (readonly [RegExp, string])[] = [
  [/Insufficient /, 'Ask for less in resources.requests, or add a node: nanokube node add'],
  [/Too many pods/, 'Add a node: nanokube node add'],
  [/untolerated taint/, 'Tolerate the taint in the pod, or remove it: kubectl taint nodes'],
  [
    /didn't match Pod's node affinity\/selector/,
    'Label a node as the pod wants it, or change nodeSelector and affinity',
  ],
  [/were unschedulable/, 'Let pods on to the node again: kubectl uncordon'],
  [/didn't have free ports/, 'Only one pod for each node can have that host port'],
  [/volume node affinity conflict/, 'The volume lies on another node: the pod has to go there'],
  [/persistentvolumeclaim ".*" not found/, 'Make the claim that the pod names'],
  [/unbound immediate PersistentVolumeClaims/, 'See why the claim waits: nanokube why pvc/NAME'],
  [/exceeded quota/, 'Delete something, or raise the quota: kubectl describe quota'],
  [/pull access denied|not found|manifest unknown/, 'Check the name of the image, and its tag'],
  [/no such host|connection refused|i\/o timeout/, 'Check that the registry can be reached'],
]

export function hinted(text: string): Finding {
  const advice = hints.find(([pattern]) => pattern.test(text))?.[1]
  return { text, ...(advice && { advice }) }
}

export function verdictFindings(message: string): readonly Finding[] {
  const found = readVerdicts(message)
  if (!found) return [hinted(`The scheduler says: ${message}`)]
  const { nodes, verdicts, rest } = found
  if (nodes === 0) return [{ text: 'There is no node yet.', advice: 'Add one: nanokube node add' }]
  return [
    { text: `None of ${nodes} node${nodes === 1 ? '' : 's'} can take it:` },
    ...verdicts.map((each) => {
      const { advice } = hinted(each.reason)
      return { text: `  ${each.nodes}: ${each.reason}`, ...(advice && { advice }) }
    }),
    ...(rest ? [hinted(`  ${rest}`)] : []),
  ]
}

const EVENTS_MAX = 5

/** The newest warnings first, then what else happened; a word for each. */
export function lastEvents(events: readonly Event[]): readonly string[] {
  return [...events]
    .sort((a, b) => timeOf(b).localeCompare(timeOf(a)))
    .slice(0, EVENTS_MAX)
    .map(({ type, reason, message, count = 1 }) => {
      const times = count > 1 ? ` (${count} times)` : ''
      return `${type === 'Warning' ? '! ' : '  '}${reason}: ${message}${times}`
    })
}

const timeOf = ({ lastTimestamp, eventTime, metadata }: Event): string =>
  lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? ''

export function newest(events: readonly Event[], ...reasons: string[]): Event | undefined {
  return events
    .filter(({ reason = '' }) => reasons.includes(reason))
    .toSorted((a, b) => timeOf(a).localeCompare(timeOf(b)))
    .at(-1)
}

/** Conditions that are good when they are False. */
const PROBLEMS = /Pressure$|^Failed$|^FailureTarget$|Failure$|Unavailable$|^DisruptionTarget$/

export function conditionFindings(conditions: readonly Condition[]): readonly Finding[] {
  return conditions
    .filter(({ type, status }) => (status === 'True') === PROBLEMS.test(type))
    .map(({ type, status, reason, message }) =>
      hinted(`${type} is ${status}${reason ? ` (${reason})` : ''}${message ? `: ${message}` : ''}`),
    )
}
