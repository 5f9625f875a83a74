/** Rules about imports: the layers, the `#folder/` names, and files that nobody reaches. */
import { posix } from 'node:path'
import { importTable, pureNodeModules } from './layout.ts'
import { type Problem, type Repository, type Rule, topFolder } from './repository.ts'
import { type Import, isTest, type Source, sourcesOf } from './source.ts'

/** The path an import means; undefined for packages and Node's own modules. */
function targetOf(source: Source, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return specifier.slice(1)
  if (!specifier.startsWith('.')) return undefined
  return posix.normalize(posix.join(posix.dirname(source.path), specifier))
}

function eachImport(
  repository: Repository,
  judge: (source: Source, found: Import) => string | undefined,
): Problem[] {
  return sourcesOf(repository).flatMap((source) =>
    source.imports.flatMap((found) => {
      const message = judge(source, found)
      return message ? [{ path: source.path, line: found.line, message }] : []
    }),
  )
}

const layers: Rule = {
  name: 'layers',
  check: (repository) =>
    eachImport(repository, (source, { specifier }) => {
      const from = topFolder(source.path)
      const target = targetOf(source, specifier)
      if (from === undefined) return undefined
      const allowed = importTable[from]
      if (allowed === undefined) return `${from}/ is not in the import table of test/tidy/layout.ts`
      if (target === undefined || isTest(source) || allowed === 'everything') return undefined
      const to = topFolder(target) ?? ''
      if (to === from || allowed.includes(to)) return undefined
      return `${from}/ may not import ${to}/: import of '${specifier}'`
    }),
}

const crossings: Rule = {
  name: 'crossings',
  check: (repository) =>
    eachImport(repository, (source, { specifier }) => {
      const from = topFolder(source.path)
      const target = targetOf(source, specifier)
      if (target === undefined) return undefined
      const to = topFolder(target)
      if (specifier.startsWith('#')) {
        return to === from
          ? `'${specifier}' is in the same folder: import it relatively`
          : undefined
      }
      if (from === undefined || to === from) return undefined
      return `'${specifier}' leaves ${from}/: import it as '#${target}'`
    }),
}

const targets: Rule = {
  name: 'targets',
  check: (repository) =>
    eachImport(repository, (source, { specifier }) => {
      const target = targetOf(source, specifier)
      if (target === undefined || repository.paths.has(target)) return undefined
      return `'${specifier}' means ${target}, which does not exist`
    }),
}

const purity: Rule = {
  name: 'purity',
  check: (repository) =>
    eachImport(repository, (source, { specifier }) => {
      const isPure = !specifier.startsWith('node:') || pureNodeModules.has(specifier)
      if (isPure || isTest(source) || topFolder(source.path) !== 'api') return undefined
      return `api/ does no I/O, but imports '${specifier}'`
    }),
}

const testCode: Rule = {
  name: 'test-code',
  check(repository) {
    const tests = new Set(
      sourcesOf(repository)
        .filter(isTest)
        .map(({ path }) => path),
    )
    return eachImport(repository, (source, { specifier }) => {
      const target = targetOf(source, specifier)
      if (tests.has(source.path) || target === undefined || !tests.has(target)) return undefined
      return `'${specifier}' is test code: only tests import it`
    })
  },
}

const importNames: Rule = {
  name: 'import-names',
  check(repository) {
    const names = packageImports(repository)
    const wrongEntries = Object.entries(names).flatMap(([name, path]): Problem[] => {
      const folder = /^#(.+)\/\*$/.exec(name)?.[1]
      if (folder && folder in importTable && path === `./${folder}/*`) return []
      const message = `imports has "${name}": "${path}", wanted "#folder/*": "./folder/*"`
      return [{ path: 'package.json', message }]
    })
    const unknownNames = eachImport(repository, (_, { specifier }) => {
      const prefix = `${specifier.split('/')[0]}/*`
      if (!specifier.startsWith('#') || prefix in names) return undefined
      return `'${specifier}' has no entry "${prefix}" in the imports of package.json`
    })
    return [...wrongEntries, ...unknownNames]
  },
}

function packageImports(repository: Repository): Record<string, string> {
  return JSON.parse(repository.texts.get('package.json') ?? '{}').imports ?? {}
}

/** Where running code starts: programs, tests, benches, npm scripts and services of compose. */
function isEntry(path: string, scripts: string): boolean {
  if (/(\.test|\.bench)\.ts$/.test(path) || /^[^/]+\/main\.ts$/.test(path)) return true
  return /^[^/]+\.config\.ts$/.test(path) || scripts.includes(path)
}

const reachability: Rule = {
  name: 'reachability',
  check(repository) {
    const byPath = new Map(sourcesOf(repository).map((source) => [source.path, source]))
    const scripts = [
      ...Object.values(JSON.parse(repository.texts.get('package.json') ?? '{}').scripts ?? {}),
      repository.texts.get('docker-compose.yml') ?? '',
    ].join('\n')
    const entries = [...byPath.keys()].filter((path) => isEntry(path, scripts))
    const reached = new Set<string>()
    const waiting = [...entries]
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      const source = byPath.get(path)
      if (source === undefined || reached.has(path)) continue
      reached.add(path)
      const named = [...source.imports.map(({ specifier }) => specifier), ...source.urls]
      waiting.push(...named.flatMap((specifier) => targetOf(source, specifier) ?? []))
    }
    return [...byPath.keys()]
      .filter((path) => !reached.has(path))
      .map((path) => ({ path, message: 'no program, test or bench reaches this file' }))
  },
}

/** Their exports are the vocabulary of the API: like types, they are there to be used. */
const VOCABULARY = /^api\/(kinds|parts)\//
/** Their runner imports them by names that it finds in the folder. */
const BENCH = /\.bench\.ts$/

const unusedExports: Rule = {
  name: 'unused-exports',
  check(repository) {
    const used = new Set<string>()
    for (const source of sourcesOf(repository)) {
      for (const { specifier, names } of source.imports) {
        const target = targetOf(source, specifier)
        for (const name of names ?? ['*']) used.add(`${target} ${name}`)
      }
    }
    const judged = sourcesOf(repository).filter(
      ({ path }) => !VOCABULARY.test(path) && !BENCH.test(path),
    )
    return judged.flatMap(({ path, exports }) =>
      exports
        .filter(({ name }) => !used.has(`${path} ${name}`) && !used.has(`${path} *`))
        .map(({ name, line }) => ({
          path,
          line,
          message: `nobody imports ${name}: do not export it`,
        })),
    )
  },
}

export const importRules: readonly Rule[] = [
  layers,
  crossings,
  targets,
  purity,
  testCode,
  importNames,
  reachability,
  unusedExports,
]
