/** The repository as the style test sees it: every path, and the text of what people write. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Repository {
  /** Text by path, relative to the root, with forward slashes. */
  readonly texts: ReadonlyMap<string, string>
  /** Every file and folder, data that nobody reads as text included. */
  readonly paths: ReadonlySet<string>
}

/** What a rule found wrong. */
export interface Problem {
  readonly path: string
  /** 1 for the first line; absent when the whole file is meant. */
  readonly line?: number
  readonly message: string
}

export interface Rule {
  readonly name: string
  readonly check: (repository: Repository) => readonly Problem[]
}

const FOLDERS_LEFT_OUT = new Set(['.git', 'node_modules', '.nanokube', 'coverage'])
/** Recorded data: its names are known to the documents, but its text is not ours. */
const DATA_FOLDERS = new Set(['test/fixtures', 'test/golden'])
const TEXT_FILE =
  /\.(ts|md|json|ya?ml|sh)$|(^|\/)(LICENSE|Dockerfile|run|\.gitignore|\.editorconfig)$/
const NOT_OURS = new Set(['package-lock.json'])

export function readRepository(root: string): Repository {
  const texts = new Map<string, string>()
  const paths = new Set<string>()
  const visit = (folder: string, isData: boolean): void => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (FOLDERS_LEFT_OUT.has(entry.name)) continue
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      paths.add(path)
      if (entry.isDirectory()) visit(path, isData || DATA_FOLDERS.has(path))
      else if (entry.isFile() && !isData && TEXT_FILE.test(path) && !NOT_OURS.has(path)) {
        texts.set(path, readFileSync(join(root, path), 'utf8'))
      }
    }
  }
  visit('', false)
  return { texts, paths }
}

/** A repository that exists only here: for tests that plant a violation. */
export function plantedRepository(files: Readonly<Record<string, string>>): Repository {
  const paths = new Set<string>()
  for (const path of Object.keys(files)) {
    const parts = path.split('/')
    for (let end = 1; end <= parts.length; end++) paths.add(parts.slice(0, end).join('/'))
  }
  return { texts: new Map(Object.entries(files)), paths }
}

export function topFolder(path: string): string | undefined {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : undefined
}
