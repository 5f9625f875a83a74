/** What a check of the pod security standards is, and the words that their findings share. */
import type { Container } from '#api/parts/core/container.ts'
import type { PodSpec } from '#api/parts/core/pod-spec.ts'
import type { ObjectMeta } from '#api/parts/meta/object-meta.ts'
import { Path } from '#api/problems.ts'
import { eachContainer } from '#api/rules/pods/each-container.ts'

export interface Finding {
  /** What is forbidden, in short. */
  readonly reason: string
  readonly detail: string
}

/** A pod, or what will become one. */
export interface Subject {
  readonly metadata: Pick<ObjectMeta, 'annotations'>
  readonly spec: PodSpec
}

export type Judge = (subject: Subject) => Finding | undefined

export interface Check {
  /** Decides the order of findings. */
  readonly id: string
  readonly level: 'baseline' | 'restricted'
  /** Checks of the lower level that this one includes. */
  readonly overrides?: readonly string[]
  /** By the minor release from which on each applies, oldest first. */
  readonly versions: readonly (readonly [sinceMinor: number, judge: Judge])[]
}

export function containersOf(spec: PodSpec): Container[] {
  return [...eachContainer(spec, Path.root)].map(({ container }) => container)
}

export const plural = (one: string, many: string, count: number): string =>
  count === 1 ? one : many

export const quoted = (texts: Iterable<string>): string => `"${[...texts].join('", "')}"`

export const sortedSet = (texts: Iterable<string>): string[] => [...new Set(texts)].sort()

/** `container "a"`, or `containers "a", "b"`. */
export const containersNamed = (names: readonly string[]): string =>
  `${plural('container', 'containers', names.length)} ${quoted(names)}`

/** The pod itself, containers of it, or both. */
export function setters(isPod: boolean, names: readonly string[]): string[] {
  return [...(isPod ? ['pod'] : []), ...(names.length ? [containersNamed(names)] : [])]
}

export const isWindows = ({ os }: PodSpec): boolean => os?.name === 'windows'

/** In a user namespace of its own a pod harms the node less. */
export const hasOwnUsers = ({ hostUsers }: PodSpec): boolean => hostUsers === false
