/** What a custom resource's schema finds wrong with a value, and how upstream words it. */
import type { Path, Problems } from '../problems.ts'
import { tooLarge } from '../status.ts'

/** One thing that is wrong. */
export interface Finding {
  /** Where, from the value that is judged; empty for that value itself. */
  readonly name: string
  readonly type:
    | 'required'
    | 'unsupported'
    | 'tooLong'
    | 'tooMany'
    | 'mistyped'
    | 'invalid'
    | 'composite'
  readonly value?: unknown
  readonly detail?: string
  readonly limit?: number
  readonly words?: readonly string[]
}

/** Alternatives that may be tried on one object, however its schema and the object multiply. */
const TRIES_MAX = 1_000_000

/** How many more alternatives may be tried; shared by all findings about one object. */
interface Effort {
  left: number
}

/** Collects findings, and counts the checks that were made so that alternatives can be ranked. */
export class Findings {
  readonly list: Finding[] = []
  checks = 0
  readonly #effort: Effort

  constructor(effort: Effort = { left: TRIES_MAX }) {
    this.#effort = effort
  }

  /** Findings of one alternative, which may be dropped. */
  attempt(): Findings {
    if (--this.#effort.left < 0) {
      throw tooLarge(`validation takes more than ${TRIES_MAX} tries of anyOf, oneOf, allOf and not`)
    }
    return new Findings(this.#effort)
  }

  get isEmpty(): boolean {
    return this.list.length === 0
  }

  add(finding: Finding): void {
    this.list.push(finding)
  }

  merge(other: Findings): void {
    for (const finding of other.list) this.list.push(finding)
    this.checks += other.checks
  }
}

/** A place in the value that is judged; spelled out only when something is wrong there. */
export class Place {
  readonly #parent: Place | undefined
  readonly #step: string | number

  constructor(parent?: Place, step: string | number = '') {
    this.#parent = parent
    this.#step = step
  }

  toString(): string {
    const parent = this.#parent?.toString() ?? ''
    if (typeof this.#step === 'number') return `${parent}[${this.#step}]`
    return parent ? `${parent}.${this.#step}` : this.#step
  }
}

/** Adds the findings to the problems of the object that stands at `at`. */
export function report(findings: readonly Finding[], at: Path, problems: Problems): void {
  for (const finding of findings) {
    const { name, type, value, detail = '', limit = 0, words = [] } = finding
    const path = name ? at.child(name) : at
    if (type === 'required') problems.required(path)
    else if (type === 'unsupported') problems.notSupported(path, value, words)
    else if (type === 'tooLong') problems.tooLong(path, limit)
    else if (type === 'tooMany') problems.tooMany(path, value as number, limit)
    else if (type === 'mistyped') problems.typeInvalid(path, value, detail)
    else if (type === 'invalid') problems.invalid(path, value, detail)
    // A choice between schemas is reported without a place, as upstream does.
    else problems.invalid(at, '', detail)
  }
}
