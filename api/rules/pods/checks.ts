/** Small checks that many rules about pods share. */
import { isDnsLabel, isQualifiedName } from '../../names.ts'
import type { Path, Problems } from '../../problems.ts'

/** One problem for each message that a name rule gave. */
export function report(
  messages: readonly string[],
  value: unknown,
  at: Path,
  problems: Problems,
): void {
  for (const message of messages) problems.invalid(at, value, message)
}

export function checkDnsLabel(value: string, at: Path, problems: Problems): void {
  report(isDnsLabel(value), value, at, problems)
}

export function checkQualifiedName(value: string, at: Path, problems: Problems): void {
  report(isQualifiedName(value), value, at, problems)
}

export function checkWord(
  value: string | undefined,
  words: ReadonlySet<string>,
  at: Path,
  problems: Problems,
): void {
  if (!value) problems.required(at)
  else if (!words.has(value)) problems.notSupported(at, value, words)
}

export function checkNotNegative(value: number | undefined, at: Path, problems: Problems): void {
  if (value !== undefined && value < 0) {
    problems.invalid(at, value, 'must be greater than or equal to 0')
  }
}
