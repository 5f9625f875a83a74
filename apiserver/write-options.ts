/** The query parameters that every write understands, checked as upstream checks them. */
import { Path, Problems } from '#api/problems.ts'
import { invalid } from '#api/status.ts'
import type { FieldValidation } from './wire/decode-body.ts'

export interface WriteParameters {
  readonly dryRun: boolean
  /** Who the changes belong to; from the user agent unless given. */
  readonly fieldManager: string
  readonly fieldValidation: FieldValidation
  readonly force: boolean
  /** The change is a patch, which applies to whatever version it meets. */
  readonly isPatch?: true
  /** The object comes with its managers, because it was applied. */
  readonly isTracked?: true
}

export type WriteOptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions'

const FIELD_MANAGER_BYTES_MAX = 128
const levels: readonly string[] = ['', 'Ignore', 'Strict', 'Warn']

export function writeParameters(
  kind: WriteOptionsKind,
  query: URLSearchParams,
  userAgent: string,
): WriteParameters {
  const problems = new Problems()
  const dryRun = query.getAll('dryRun')
  checkDryRun(dryRun, problems)
  const manager = query.get('fieldManager') ?? ''
  checkFieldManager(manager, problems)
  const level = query.get('fieldValidation') ?? ''
  const at = Path.root.child('fieldValidation')
  if (!levels.includes(level)) problems.notSupported(at, level, levels)
  if (problems.list.length) throw invalid({ group: 'meta.k8s.io', kind }, '', problems.list)
  return {
    dryRun: dryRun.length > 0,
    fieldManager: manager || managerOf(userAgent),
    fieldValidation: (level || 'Warn') as FieldValidation,
    force: ['1', 'true'].includes(query.get('force') ?? ''),
  }
}

export function checkDryRun(values: readonly string[], problems: Problems): void {
  const at = Path.root.child('dryRun')
  if (values.some((each) => each !== 'All')) problems.notSupported(at, values, ['All'])
}

function checkFieldManager(manager: string, problems: Problems): void {
  const at = Path.root.child('fieldManager')
  if (Buffer.byteLength(manager) > FIELD_MANAGER_BYTES_MAX) {
    problems.tooLong(at, FIELD_MANAGER_BYTES_MAX)
  }
  for (const [position, character] of [...manager].entries()) {
    if (/\p{L}|\p{M}|\p{N}|\p{P}|\p{S}| /u.test(character)) continue
    const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
    problems.invalid(at, manager, `invalid character U+${code} (at position ${position})`)
    return
  }
}

/** The program's name: what stands before the version in its user agent. */
function managerOf(userAgent: string): string {
  const name = userAgent.split('/', 1)[0]!
  let end = Math.min(name.length, FIELD_MANAGER_BYTES_MAX)
  while (Buffer.byteLength(name.slice(0, end)) > FIELD_MANAGER_BYTES_MAX) end--
  return name.slice(0, end)
}
