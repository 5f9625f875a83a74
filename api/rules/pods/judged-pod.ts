/** For tests: pods as a client writes them, decoded, defaulted and judged. */
import { problemsOfNew } from '../../check.ts'
import { decode } from '../../decode.ts'
import { applyDefaults } from '../../defaults.ts'
import type { Kind } from '../../kind.ts'
import { Pod } from '../../kinds/core/pod.ts'
import { type Problem, Problems } from '../../problems.ts'

export const podMeta = { name: 'p', namespace: 'n' }
export const plainContainer = { name: 'c', image: 'i' }

/** A pod in stored form. The container can be left out. */
export function pod(spec: object = {}, metadata: object = {}, status: object = {}): Pod {
  const posted = {
    metadata: { ...podMeta, ...metadata },
    spec: { containers: [plainContainer], ...spec },
    status,
  }
  return applyDefaults(Pod.schema, decode(Pod.schema, posted))
}

/** The same with fields of its one container. */
export const podOf = (container: object, spec: object = {}): Pod =>
  pod({ ...spec, containers: [{ ...plainContainer, ...container }] })

export function problemsOf(object: object, kind: Kind = Pod as never): string[] {
  return texts(problemsOfNew(kind, object))
}

export function problemsFrom(judge: (problems: Problems) => void): string[] {
  const problems = new Problems()
  judge(problems)
  return texts(problems.list)
}

export const texts = (list: readonly Problem[]): string[] =>
  list.map(({ field, message }) => `${field}: ${message}`)
