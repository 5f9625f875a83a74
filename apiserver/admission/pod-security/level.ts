/** Levels of security of pods, and which a namespace asks for in its labels. */
import { Path, type Problem, Problems } from '#api/problems.ts'

export type Level = 'privileged' | 'baseline' | 'restricted'

/** From the most lenient to the strictest. */
const levels: readonly Level[] = ['privileged', 'baseline', 'restricted']

/** As of which minor release of Kubernetes; Infinity is the latest. */
export interface Standard {
  readonly level: Level
  readonly minor: number
}

export interface Policy {
  /** Pods that do not meet it are refused. */
  readonly enforce: Standard
  /** Noted in the audit log. */
  readonly audit: Standard
  /** Said to the caller. */
  readonly warn: Standard
  /** What is wrong with the labels. */
  readonly problems: readonly Problem[]
}

export const LATEST = Number.POSITIVE_INFINITY

export const standardName = ({ level, minor }: Standard): string =>
  `${level}:${minor === LATEST ? 'latest' : `v1.${minor}`}`

export const isStricter = (level: Level, than: Level): boolean =>
  levels.indexOf(level) > levels.indexOf(than)

const prefix = 'pod-security.kubernetes.io/'
const open: Standard = { level: 'privileged', minor: LATEST }

type Labels = Readonly<Record<string, string>>

/** What cannot be read counts as the strictest where pods are refused, and as nothing elsewhere. */
export function policyOf(labels: Labels | undefined): Policy {
  const problems = new Problems()
  if (!labels) return { enforce: open, audit: open, warn: open, problems: problems.list }
  const standard = (mode: string, unreadable: Level): Standard => ({
    level: levelOf(labels, prefix + mode, unreadable, problems),
    minor: minorOf(labels, `${prefix}${mode}-version`, problems),
  })
  const enforce = standard('enforce', 'restricted')
  const audit = standard('audit', 'privileged')
  const warn = standard('warn', 'privileged')
  return { enforce, audit, warn, problems: problems.list }
}

const labelsAt = Path.root.child('metadata').child('labels')

function levelOf(labels: Labels, label: string, unreadable: Level, problems: Problems): Level {
  const text = labels[label]
  if (text === undefined) return 'privileged'
  const level = levels.find((each) => each === text)
  if (level) return level
  problems.invalid(labelsAt.key(label), text, `must be one of ${levels.join(', ')}`)
  return unreadable
}

function minorOf(labels: Labels, label: string, problems: Problems): number {
  const text = labels[label]
  if (text === undefined || text === 'latest') return LATEST
  const minor = /^v1\.([0-9]|[1-9][0-9]*)$/.exec(text)?.[1]
  if (minor !== undefined && Number.isSafeInteger(Number(minor))) return Number(minor)
  problems.invalid(labelsAt.key(label), text, 'must be "latest" or "v1.x"')
  return LATEST
}

export const isOpen = ({ enforce, audit, warn }: Policy): boolean =>
  [enforce, audit, warn].every(({ level }) => level === 'privileged')
