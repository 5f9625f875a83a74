/** Rules about words: documents name what exists, and every dependency is explained. */
import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import { importTable } from './layout.ts'
import type { Problem, Repository, Rule } from './repository.ts'
import { isTest, sourcesOf } from './source.ts'

interface Line {
  readonly path: string
  readonly line: number
  readonly text: string
  readonly isInFence: boolean
}

function documentLines(repository: Repository): Line[] {
  return [...repository.texts]
    .filter(([path]) => path.endsWith('.md'))
    .flatMap(([path, whole]) => {
      let isInFence = false
      return whole.split('\n').map((text, index) => {
        const isBorder = /^\s*```/.test(text)
        if (isBorder) isInFence = !isInFence
        return { path, line: index + 1, text, isInFence: isInFence && !isBorder }
      })
    })
}

/** They tell what was, and are not rewritten when it changes. */
function isHistory(path: string): boolean {
  return path === 'CHANGELOG.md' || path.startsWith('docs/adr/')
}

const FILE_ENDING = /\.(ts|md|json|ya?ml)$/

/** `daemon/clock.ts`, `docs/adr/` or `clock.ts`; not `apps/v1`, /livez or a placeholder. */
function isPath(word: string): boolean {
  if (!/^[\w.#][\w.#/-]*$/.test(word) || word.startsWith('..')) return false
  const [first = ''] = word.replace(/^#/, '').split('/')
  return FILE_ENDING.test(word) || (word.includes('/') && (first in importTable || first === '.ci'))
}

const documentPaths: Rule = {
  name: 'document-paths',
  check(repository) {
    const names = new Set([...repository.paths].map((path) => posix.basename(path)))
    return documentLines(repository)
      .filter(({ path, isInFence }) => !isInFence && !isHistory(path))
      .flatMap(({ path, line, text }) =>
        [...text.matchAll(/`([^`]+)`/g)]
          .map(([, word = '']) => word)
          .filter(isPath)
          .filter((word) => {
            const clean = word.replace(/^#/, '').replace(/\/$/, '')
            const beside = posix.join(posix.dirname(path), clean)
            const isKnownName = !clean.includes('/') && names.has(clean)
            return !isKnownName && !repository.paths.has(clean) && !repository.paths.has(beside)
          })
          .map((word) => ({ path, line, message: `names ${word}, which does not exist` })),
      )
  },
}

const documentLinks: Rule = {
  name: 'document-links',
  check: (repository) =>
    documentLines(repository)
      .filter(({ isInFence }) => !isInFence)
      .flatMap(({ path, line, text }) =>
        [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
          .map(([, target = '']) => target)
          .filter((target) => !/^[a-z]+:/.test(target))
          .filter((target) => {
            const meant = posix.normalize(posix.join(posix.dirname(path), target))
            return !repository.paths.has(meant.replace(/\/$/, ''))
          })
          .map((target) => ({ path, line, message: `links to ${target}, which does not exist` })),
      ),
}

/** The folders of code; what lies in them is named in ARCHITECTURE.md, with what it may import. */
const ARCHITECTURE = 'ARCHITECTURE.md'

const architecture: Rule = {
  name: 'architecture',
  check(repository) {
    const text = repository.texts.get(ARCHITECTURE) ?? ''
    const sources = sourcesOf(repository).map(({ path }) => path.split('/'))
    const folders = new Set(sources.flatMap(([top = '', file]) => (file ? [top] : [])))
    const rooms = new Set(
      sources.flatMap(([top = '', room, file]) =>
        file && !['test', 'bench'].includes(top) ? [`${top}/${room}`] : [],
      ),
    )
    const missing = [...folders, ...rooms].filter((folder) => !text.includes(`| \`${folder}/\` |`))
    const wrong = [...text.matchAll(/^\| `([\w-]+)\/` \| [^|]* \| ([^|]+) \|$/gm)].filter(
      ([, folder = '', cell]) => folder in importTable && cell !== importCell(folder),
    )
    return [
      ...missing.map((folder) => ({ path: ARCHITECTURE, message: `has no line for ${folder}/` })),
      ...wrong.map(([, folder = '']) => ({
        path: ARCHITECTURE,
        message: `says what ${folder}/ may import, wanted "${importCell(folder)}"`,
      })),
    ]
  },
}

function importCell(folder: string): string {
  const allowed = importTable[folder]
  if (allowed === undefined || allowed === 'everything') return 'everything'
  return allowed.length === 0 ? 'nothing of ours' : allowed.map((each) => `\`${each}/\``).join(', ')
}

const license: Rule = {
  name: 'license',
  check(repository) {
    const text = repository.texts.get('LICENSE') ?? ''
    const landmarks = ['Apache License', 'Version 2.0, January 2004', 'END OF TERMS AND CONDITIONS']
    const missing = landmarks.filter((each) => !text.includes(each))
    const named = packageOf(repository).license
    return [
      ...missing.map((each) => ({ path: 'LICENSE', message: `lacks "${each}"` })),
      ...(named === 'Apache-2.0'
        ? []
        : [{ path: 'package.json', message: `license is "${named}", wanted "Apache-2.0"` }]),
    ]
  },
}

interface Package {
  readonly license?: string
  readonly scripts?: Record<string, string>
  readonly dependencies?: Record<string, string>
  readonly devDependencies?: Record<string, string>
}

function packageOf(repository: Repository): Package {
  return JSON.parse(repository.texts.get('package.json') ?? '{}')
}

/** Scripts that npm runs by a word of their own. */
const SHORT_SCRIPTS = ['test', 'start']

const npmScripts: Rule = {
  name: 'npm-scripts',
  check(repository) {
    const scripts = packageOf(repository).scripts ?? {}
    const lines = [
      ...documentLines(repository).filter(({ path }) => !isHistory(path)),
      ...Object.values(scripts).map((text) => ({ path: 'package.json', line: undefined, text })),
    ]
    return lines.flatMap(({ path, line, text }) =>
      [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(\w+))/g)]
        .map(([, long, short = '']) => long ?? (SHORT_SCRIPTS.includes(short) ? short : undefined))
        .filter((script) => script !== undefined && !(script in scripts))
        .map((script) => ({
          path,
          ...(line && { line }),
          message: `names the npm script "${script}", which package.json does not have`,
        })),
    )
  },
}

const DEPENDENCY_LIST = 'docs/dependencies.md'

const dependencies: Rule = {
  name: 'dependencies',
  check(repository) {
    const declared = {
      ...packageOf(repository).dependencies,
      ...packageOf(repository).devDependencies,
    }
    const list = repository.texts.get(DEPENDENCY_LIST) ?? ''
    const explained = new Set([...list.matchAll(/^- \*\*([^*]+)\*\*: /gm)].map(([, name]) => name))
    const loose = Object.entries(declared).filter(([, version]) => !/^\d+\.\d+\.\d+/.test(version))
    return [
      ...Object.keys(declared)
        .filter((name) => !explained.has(name))
        .map((name) => ({ path: DEPENDENCY_LIST, message: `has no line that explains ${name}` })),
      ...[...explained]
        .filter((name) => name !== undefined && !(name in declared))
        .map((name) => ({ path: DEPENDENCY_LIST, message: `explains ${name}, which is not used` })),
      ...loose.map(([name, version]) => ({
        path: 'package.json',
        message: `${name} is "${version}", wanted one exact version`,
      })),
    ]
  },
}

const packages: Rule = {
  name: 'packages',
  check(repository) {
    const { dependencies = {}, devDependencies = {} } = packageOf(repository)
    return sourcesOf(repository).flatMap((source) => {
      const { path, imports } = source
      const isForTests = isTest(source) || path.startsWith('bench/') || path.endsWith('.config.ts')
      return imports.flatMap(({ specifier, line }): Problem[] => {
        if (/^(\.|#|node:)/.test(specifier)) return []
        if (builtinModules.includes(specifier)) {
          return [
            { path, line, message: `'${specifier}' is Node's own: write 'node:${specifier}'` },
          ]
        }
        const [scope = '', name = ''] = specifier.split('/')
        const wanted = specifier.startsWith('@') ? `${scope}/${name}` : scope
        if (wanted in dependencies || (isForTests && wanted in devDependencies)) return []
        return [{ path, line, message: `'${wanted}' is not in the dependencies of package.json` }]
      })
    })
  },
}

/** Spelled in two pieces, so that this file does not find itself. */
const LEFT_OVER = new RegExp(`\\b(TO${'DO'}|FIX${'ME'}|XX${'X'}|HA${'CK'})\\b`)
const OUTSIDE = /(^|[^\w.])((\/work\/|\.\.\/)(shared|main|brief)\b|\/home\/\w+\/|\/Users\/\w+\/)/

function wording(name: string, pattern: RegExp, message: (found: string) => string): Rule {
  return {
    name,
    check: (repository) =>
      [...repository.texts].flatMap(([path, whole]) =>
        whole.split('\n').flatMap((text, index) => {
          const [found] = pattern.exec(text) ?? []
          return found ? [{ path, line: index + 1, message: message(found.trim()) }] : []
        }),
      ),
  }
}

const noLeftOvers = wording(
  'no-left-overs',
  LEFT_OVER,
  (found) => `${found}: finish it, or write down in an issue what is missing`,
)

const noMachine = wording(
  'no-machine',
  OUTSIDE,
  (found) => `${found} exists on one machine only: the project speaks of itself alone`,
)

export const textRules: readonly Rule[] = [
  architecture,
  license,
  documentPaths,
  documentLinks,
  npmScripts,
  dependencies,
  packages,
  noLeftOvers,
  noMachine,
]
