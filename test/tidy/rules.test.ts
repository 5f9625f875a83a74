/** Every rule finds what it is for: one planted violation each, and no false alarm beside it. */
import { posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FILE_LINES_MAX, FUNCTION_LINES_MAX } from './code.ts'
import { importTable } from './layout.ts'
import { plantedRepository } from './repository.ts'
import { findings, idleExceptions, rules } from './rules.ts'

const clean: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({
    license: 'Apache-2.0',
    imports: { '#api/*': './api/*', '#daemon/*': './daemon/*' },
    scripts: { test: 'npm run check', check: 'vitest run' },
    dependencies: { pino: '1.2.3' },
    devDependencies: { vitest: '4.5.6' },
  }),
  LICENSE: 'Apache License Version 2.0, January 2004 END OF TERMS AND CONDITIONS',
  'docs/dependencies.md': '# Packages\n\n- **pino**: logs.\n- **vitest**: tests.\n',
  'README.md': 'Run `npm test`, read `api/main.ts` and [this](docs/dependencies.md#top).\n',
  'vitest.config.ts': '/** Configures. */\nexport default {}\n',
  'api/main.ts': "/** Starts. */\nimport { add } from './sum.ts'\nadd(1, 2)\n",
  'api/sum.ts': '/** Adds. */\nexport const add = (a: number, b: number) => a + b\n',
  'daemon/main.ts': "/** Runs. */\nimport { pino } from 'pino'\npino({ at: Date.now() })\n",
  'apiserver/main.ts': "/** Serves. */\nimport { add } from '#api/sum.ts'\nadd(1, 2)\n",
}

/** What all rules together find once these files are put over the clean ones. */
function found(files: Readonly<Record<string, string>>): string[] {
  const all = { ...clean, ...files }
  const repository = plantedRepository({
    'ARCHITECTURE.md': architectureOf(Object.keys(all)),
    ...all,
  })
  return rules.flatMap((rule) =>
    findings(rule, repository, []).map((line) => `${rule.name} ${line}`),
  )
}

/** A line for every folder. */
function architectureOf(paths: readonly string[]): string {
  const folders = new Set(paths.flatMap((path) => [path.split('/')[0], posix.dirname(path)]))
  const rows = [...folders].map((folder) => {
    const allowed = importTable[folder ?? ''] ?? []
    if (allowed === 'everything') return `| \`${folder}/\` | what | everything |`
    const cell = allowed.map((each) => `\`${each}/\``).join(', ') || 'nothing of ours'
    return `| \`${folder}/\` | what | ${cell} |`
  })
  return rows.join('\n')
}

/** A file that is fine but for these lines. */
function file(...lines: readonly string[]): string {
  return ['/** Planted. */', ...lines, ''].join('\n')
}

test('a clean repository has no findings', () => {
  expect(found({})).toEqual([])
})

describe('imports', () => {
  test.for([
    [
      'a lower layer imports a higher one',
      { 'api/main.ts': file("import '#daemon/main.ts'") },
      ["layers api/main.ts:2: api/ may not import daemon/: import of '#daemon/main.ts'"],
    ],
    [
      'a type counts too',
      { 'api/main.ts': file("export type T = import('#daemon/main.ts').T") },
      ["layers api/main.ts:2: api/ may not import daemon/: import of '#daemon/main.ts'"],
    ],
    [
      'a folder that has no place',
      { 'extra/main.ts': file("import 'pino'") },
      ['layers extra/main.ts:2: extra/ is not in the import table of test/tidy/layout.ts'],
    ],
    [
      'a way out of the folder',
      { 'apiserver/main.ts': file("import '../api/sum.ts'") },
      [
        "crossings apiserver/main.ts:2: '../api/sum.ts' leaves apiserver/: import it as '#api/sum.ts'",
      ],
    ],
    [
      'a way out and in again',
      { 'api/main.ts': file("import '#api/sum.ts'") },
      ["crossings api/main.ts:2: '#api/sum.ts' is in the same folder: import it relatively"],
    ],
    [
      'a file that is not there',
      { 'api/main.ts': file("void import('./gone.ts')") },
      ["targets api/main.ts:2: './gone.ts' means api/gone.ts, which does not exist"],
    ],
    [
      'I/O in api/',
      { 'api/main.ts': file("import 'node:fs/promises'") },
      ["purity api/main.ts:2: api/ does no I/O, but imports 'node:fs/promises'"],
    ],
    [
      'a program that takes a test along',
      {
        'api/main.ts': file("import './suite.ts'"),
        'api/suite.ts': file("import 'vitest'"),
      },
      ["test-code api/main.ts:2: './suite.ts' is test code: only tests import it"],
    ],
    [
      'a name that package.json does not know',
      { 'apiserver/main.ts': file("import '#apiserver/x.ts'"), 'apiserver/x.ts': file('') },
      [
        `crossings apiserver/main.ts:2: '#apiserver/x.ts' is in the same folder: import it relatively`,
        `import-names apiserver/main.ts:2: '#apiserver/x.ts' has no entry "#apiserver/*" in the imports of package.json`,
      ],
    ],
    [
      'a file that nobody reaches',
      { 'api/lost.ts': file("import './sum.ts'") },
      ['reachability api/lost.ts: no program, test or bench reaches this file'],
    ],
    [
      'an export that nobody imports',
      {
        'api/sum.ts': file(
          'export const { add, extra: [, more = 1] } = make()',
          'export type T = 1',
        ),
      },
      ['unused-exports api/sum.ts:2: nobody imports more: do not export it'],
    ],
  ] as const)('%s', ([, files, wanted]) => {
    expect(found(files)).toEqual(wanted)
  })

  test('a name that leads elsewhere', () => {
    const text = JSON.parse(clean['package.json']!)
    text.imports['#daemon/*'] = './api/*'
    expect(found({ 'package.json': JSON.stringify(text) })).toEqual([
      'import-names package.json: imports has "#daemon/*": "./api/*", wanted "#folder/*": "./folder/*"',
    ])
  })

  test('tests may import everything, and a URL or namespace reaches a file too', () => {
    const files = {
      'api/sum.test.ts': file(
        "import '#daemon/main.ts'",
        "import * as all from './all.ts'",
        'all.f()',
      ),
      'api/all.ts': file("export const f = () => new URL('./child.ts', import.meta.url)"),
      'api/child.ts': file("import 'node:buffer'"),
    }
    expect(found(files)).toEqual([])
  })
})

describe('code', () => {
  const repeated = (count: number): string[] => Array.from({ length: count }, () => '  void 0')

  test.for([
    [
      'a syntax error',
      { 'api/main.ts': file('const = 1') },
      /^syntax api\/main.ts: does not parse: /,
    ],
    [
      'a file that is too long',
      { 'api/main.ts': file(...repeated(FILE_LINES_MAX)) },
      'file-size api/main.ts: has 501 lines, at most 500 wanted',
    ],
    [
      'a function that is too long',
      { 'api/main.ts': file('function long() {', ...repeated(FUNCTION_LINES_MAX - 1), '}') },
      'function-size api/main.ts:2: long has 71 lines, at most 70 wanted',
    ],
    [
      'an arrow function that is too long',
      { 'api/main.ts': file('const long = () => {', ...repeated(69), '}', 'long()') },
      'function-size api/main.ts:2: long has 71 lines, at most 70 wanted',
    ],
    [
      'a method that is too long',
      { 'api/main.ts': file('void class {', 'long() {', ...repeated(69), '}', '}') },
      'function-size api/main.ts:3: long has 71 lines, at most 70 wanted',
    ],
    [
      'a comment that is too wide',
      { 'api/main.ts': file(`// ${'x'.repeat(98)}`) },
      'comment-width api/main.ts:2: comment is 101 columns wide, at most 100 wanted',
    ],
    [
      'no opening sentence',
      { 'api/main.ts': 'void 0\n/** Too late. */\n' },
      'opening-comment api/main.ts:1: does not open with a sentence that says what it is for',
    ],
    [
      'a name in camel case',
      { 'api/camelCase.test.ts': file('') },
      'file-names api/camelCase.test.ts: "camelCase" is not in kebab-case',
    ],
    [
      'a name that says nothing',
      { 'api/string-utils.test.ts': file('') },
      'file-names api/string-utils.test.ts: "string-utils" says nothing: name it after what is inside',
    ],
    [
      'a folder that says nothing',
      { 'api/helpers/x.test.ts': file('') },
      'file-names api/helpers/x.test.ts: "helpers" says nothing: name it after what is inside',
    ],
    [
      'an index',
      { 'api/index.test.ts': file('') },
      'file-names api/index.test.ts: "index" says nothing: name it after what is inside',
    ],
    [
      'any',
      { 'api/main.ts': file('let x: any[] = []', 'x = x') },
      'no-any api/main.ts:2: any turns the type checker off: use unknown',
    ],
    [
      'a default export',
      { 'api/main.ts': file('export default 1') },
      'no-default-export api/main.ts:2: default export: give it a name',
    ],
    [
      'a silenced error',
      { 'api/main.ts': file('// @ts-expect-error: it is fine', 'void 0') },
      'no-silencing api/main.ts:2: @ts-expect-error hides errors from the type checker',
    ],
    [
      'a silenced file, in a test',
      { 'api/x.test.ts': file('/* @ts-nocheck */') },
      'no-silencing api/x.test.ts:2: @ts-nocheck hides errors from the type checker',
    ],
  ] as const)('%s', ([, files, wanted]) => {
    const lines = found(files)
    expect(lines).toHaveLength(1)
    if (typeof wanted === 'string') expect(lines[0]).toBe(wanted)
    else expect(lines[0]).toMatch(wanted)
  })

  test('a suite is as long as its tests are many, and names of upstream are no empty words', () => {
    const suite = ["describe.for([1])('x', () => {", "  test('y', () => {})", ...repeated(80), '})']
    const own = ["describe('x', () => {", '  storeTest()', ...repeated(80), '})']
    const named = 'controller-manager/main.ts'
    const files = {
      'api/x.test.ts': file(...suite, ...own),
      [named]: file(''),
      'client/main.ts': file(''),
    }
    expect(found(files)).toEqual([])
  })

  test.for([
    ['Date.now()', 'Date.now'],
    ['[].map(Date.now)', 'Date.now'],
    ['new Date()', 'Date.now'],
    ['performance.now()', 'performance.now'],
    ['setTimeout(f, 1)', 'setTimeout'],
    ['globalThis.setInterval(f, 1)', 'globalThis.setInterval'],
    ['AbortSignal.timeout(1)', 'AbortSignal.timeout'],
    ["import { setTimeout } from 'node:timers/promises'", 'node:timers/promises'],
    ['Math.random()', 'Math.random'],
    ['crypto.randomUUID()', 'crypto.randomUUID'],
    ['crypto.getRandomValues(x)', 'crypto.getRandomValues'],
    ["import { randomBytes } from 'node:crypto'", 'randomBytes'],
    ['process.env.HOME', 'process.env'],
    ['process.exit(1)', 'process.exit'],
    ["console.log('x')", 'console.log'],
  ] as const)('banned outside of daemon/: %s', ([text, name]) => {
    const lines = found({ 'apiserver/main.ts': file(text) })
    expect(
      lines.some((line) => line.startsWith(`banned-calls apiserver/main.ts:2: ${name}: `)),
    ).toBe(true)
    const allowed = { 'daemon/main.ts': file(text), 'apiserver/x.test.ts': file(text) }
    expect(found(allowed).filter((line) => line.startsWith('banned-calls'))).toEqual([])
  })

  test.for([
    'new Date(1)',
    'clock.setTimeout(f, 1)',
    'random.uuid()',
    'date.now()',
    '"Date.now()"',
  ])('not banned: %s', (text) => {
    expect(found({ 'apiserver/main.ts': file(text) })).toEqual([])
  })
})

describe('texts', () => {
  test.for([
    [
      'a folder that nobody described',
      { 'ARCHITECTURE.md': architectureOf(Object.keys(clean)).replace(/^\| `daemon.*$/m, '') },
      'architecture ARCHITECTURE.md: has no line for daemon/',
    ],
    [
      'a room that nobody described',
      { 'ARCHITECTURE.md': architectureOf(Object.keys(clean)), 'api/rules/x.test.ts': file('') },
      'architecture ARCHITECTURE.md: has no line for api/rules/',
    ],
    [
      'an import table that says something else',
      {
        'ARCHITECTURE.md': architectureOf(Object.keys(clean)).replace(
          '`api/`, `daemon/`',
          '`api/`',
        ),
      },
      'architecture ARCHITECTURE.md: says what apiserver/ may import, wanted "`api/`, `daemon/`"',
    ],
    [
      'half a license',
      { LICENSE: 'Apache License Version 2.0, January 2004' },
      'license LICENSE: lacks "END OF TERMS AND CONDITIONS"',
    ],
    [
      'a document names a file that is gone',
      { 'README.md': 'See\n`api/gone.ts`.' },
      'document-paths README.md:2: names api/gone.ts, which does not exist',
    ],
    [
      'a document names a folder that is gone',
      { 'docs/x.md': 'See `kubelet/`.' },
      'document-paths docs/x.md:1: names kubelet/, which does not exist',
    ],
    [
      'a link leads nowhere',
      { 'docs/x.md': '[a](../GONE)' },
      'document-links docs/x.md:1: links to ../GONE, which does not exist',
    ],
    [
      'a document names a script that is gone',
      { 'README.md': '```\nnpm run bench\n```' },
      'npm-scripts README.md:2: names the npm script "bench", which package.json does not have',
    ],
    [
      'a package without a reason',
      { 'docs/dependencies.md': '- **pino**: logs.\n' },
      'dependencies docs/dependencies.md: has no line that explains vitest',
    ],
    [
      'a reason without a package',
      { 'docs/dependencies.md': `${clean['docs/dependencies.md']}- **left-pad**: pads.\n` },
      'dependencies docs/dependencies.md: explains left-pad, which is not used',
    ],
    [
      'a package that is not declared',
      { 'api/main.ts': file("import '@scope/thing/part'") },
      "packages api/main.ts:2: '@scope/thing' is not in the dependencies of package.json",
    ],
    [
      'a package that is there for development only',
      { 'daemon/main.ts': file("import 'vitest'") },
      "packages daemon/main.ts:2: 'vitest' is not in the dependencies of package.json",
    ],
    [
      "one of Node's modules without its prefix",
      { 'daemon/main.ts': file("import 'fs'") },
      "packages daemon/main.ts:2: 'fs' is Node's own: write 'node:fs'",
    ],
    [
      'something left over',
      { 'api/main.ts': file(`// TO${'DO'}: finish`) },
      `no-left-overs api/main.ts:2: TO${'DO'}: finish it, or write down in an issue what is missing`,
    ],
    [
      'a path of one machine',
      { 'docs/x.md': `See ${'..'}/shared/notes.` },
      `no-machine docs/x.md:1: ${'..'}/shared exists on one machine only: the project speaks of itself alone`,
    ],
  ] as const)('%s', ([, files, wanted]) => {
    expect(found(files)).toEqual([wanted])
  })

  test('a version that may change', () => {
    const text = JSON.parse(clean['package.json']!)
    text.dependencies.pino = '^1.2.3'
    expect(found({ 'package.json': JSON.stringify(text) })).toEqual([
      'dependencies package.json: pino is "^1.2.3", wanted one exact version',
    ])
  })

  test('another license', () => {
    const text = { ...JSON.parse(clean['package.json']!), license: 'MIT' }
    expect(found({ 'package.json': JSON.stringify(text) })).toEqual([
      'license package.json: license is "MIT", wanted "Apache-2.0"',
    ])
  })

  test('names that are no files are left alone, and history may name what is gone', () => {
    const words = '`apps/v1` `/livez` `v1/pods` `x.test.ts` `docs/<name>.md` `*.ts` `npm install`'
    const files = {
      'README.md': words.replace('`x.test.ts` ', ''),
      'docs/adr/0001-old.md': '`api/gone.ts` and `npm run gone`',
      'CHANGELOG.md': '`api/gone.ts`',
    }
    expect(found(files)).toEqual([])
  })
})

describe('exceptions', () => {
  const repository = plantedRepository({ ...clean, 'api/main.ts': file('let x: any', 'x = 1') })
  const needed = { rule: 'no-any', path: 'api/main.ts', reason: 'It is planted.' }
  const [noAny] = rules.filter(({ name }) => name === 'no-any')

  test('an exception excuses its rule in its file, and nothing else', () => {
    expect(findings(noAny!, repository, [])).toHaveLength(1)
    expect(findings(noAny!, repository, [needed])).toEqual([])
    expect(findings(noAny!, repository, [{ ...needed, path: 'api/sum.ts' }])).toHaveLength(1)
    expect(findings(noAny!, repository, [{ ...needed, rule: 'file-size' }])).toHaveLength(1)
  })

  test.for([
    [needed, 0],
    [{ ...needed, path: 'api/sum.ts' }, 1],
    [{ ...needed, rule: 'no-such-rule' }, 1],
  ] as const)('one that is no longer needed is named: %j', ([exception, idle]) => {
    expect(idleExceptions(repository, [exception])).toHaveLength(idle)
  })
})
