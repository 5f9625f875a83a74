/** What the rules ask about a TypeScript file, gathered in one walk over its exact syntax tree. */
import { parseSync } from 'oxc-parser'
import type { Repository } from './repository.ts'

export interface Import {
  readonly specifier: string
  readonly line: number
  /** The names taken; undefined means all of them. */
  readonly names: readonly string[] | undefined
}

export interface Named {
  readonly name: string
  readonly line: number
}

export interface FunctionSpan extends Named {
  readonly lineCount: number
  /** Holds tests; it is as long as they are many. */
  readonly isSuite: boolean
}

export interface Source {
  readonly path: string
  readonly lines: readonly string[]
  readonly syntaxErrors: readonly string[]
  readonly imports: readonly Import[]
  /** Files named by `new URL('./x.ts', import.meta.url)`. */
  readonly urls: readonly string[]
  /** Exported values; types cost nothing when nobody imports them. */
  readonly exports: readonly Named[]
  readonly functions: readonly FunctionSpan[]
  /** `object.property`, written like that. */
  readonly members: readonly Named[]
  /** Calls of a plain name. */
  readonly calls: readonly Named[]
  readonly constructions: readonly (Named & { readonly argumentCount: number })[]
  readonly anys: readonly number[]
  readonly defaultExports: readonly number[]
  readonly comments: readonly (Named & { readonly start: number })[]
}

/** Tests, what they share in test/, and suites that are functions: whatever takes test() itself. */
export function isTest({ path, imports }: Source): boolean {
  if (path.endsWith('.test.ts') || path.startsWith('test/')) return true
  const isProgram = path.endsWith('/main.ts')
  return !isProgram && imports.some(({ specifier }) => specifier === 'vitest')
}

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

const parsed = new WeakMap<Repository, readonly Source[]>()

/** Every TypeScript file of the repository, parsed once for all rules. */
export function sourcesOf(repository: Repository): readonly Source[] {
  const known = parsed.get(repository)
  if (known) return known
  const sources = [...repository.texts]
    .filter(([path]) => path.endsWith('.ts'))
    .map(([path, text]) => readSource(path, text))
  parsed.set(repository, sources)
  return sources
}

type Mutable<Of> = {
  -readonly [Key in keyof Of]: Of[Key] extends readonly (infer Item)[] ? Item[] : Of[Key]
}

interface Gathering extends Mutable<Source> {
  readonly lineAt: (offset: number) => number
  /** Functions given to describe(). */
  readonly suites: Set<Node>
}

function readSource(path: string, text: string): Source {
  const { program, errors, comments } = parseSync(path, text, { preserveParens: false })
  const lineAt = lineFinder(text)
  const source: Gathering = {
    path,
    lines: text.split('\n'),
    syntaxErrors: errors.map(({ message }) => message),
    imports: [],
    urls: [],
    exports: [],
    functions: [],
    members: [],
    calls: [],
    constructions: [],
    anys: [],
    defaultExports: [],
    comments: comments.map(({ value, start }) => ({ name: value, line: lineAt(start), start })),
    lineAt,
    suites: new Set(),
  }
  walk(program as unknown as Node, '', source)
  return source
}

function walk(node: Node, name: string, source: Gathering): void {
  gatherers[node.type]?.(node, source, name)
  for (const key in node) {
    const child = node[key]
    if (Array.isArray(child)) {
      for (const item of child) if (isNode(item)) walk(item, '', source)
    } else if (isNode(child)) {
      walk(child, nameOf(node), source)
    }
  }
}

type Gatherer = (node: Node, source: Gathering, name: string) => void

const gatherers: Record<string, Gatherer> = {
  ImportDeclaration: (node, source) => addImport(node, namesOf(node, 'imported'), source),
  ExportAllDeclaration: (node, source) => addImport(node, undefined, source),
  ExportNamedDeclaration: gatherExport,
  ExportDefaultDeclaration: (node, source) =>
    void source.defaultExports.push(source.lineAt(node.start)),
  ImportExpression: (node, source) => addImport(node, undefined, source),
  TSImportType: (node, source) => addImport(node, undefined, source),
  TSAnyKeyword: (node, source) => void source.anys.push(source.lineAt(node.start)),
  FunctionDeclaration: gatherFunction,
  FunctionExpression: gatherFunction,
  ArrowFunctionExpression: gatherFunction,
  MemberExpression: gatherMember,
  CallExpression(node, source) {
    const callee = identifierName(node.callee)
    if (callee) source.calls.push({ name: callee, line: source.lineAt(node.start) })
    if (calledName(node) !== 'describe') return
    for (const argument of childrenOf(node.arguments)) source.suites.add(argument)
  },
  NewExpression: gatherConstruction,
}

function gatherExport(node: Node, source: Gathering): void {
  if (isNode(node.source)) addImport(node, namesOf(node, 'local'), source)
  if (node.exportKind === 'type') return
  const line = source.lineAt(node.start)
  const names = [...namesOf(node, 'exported'), ...declaredNames(node.declaration)]
  for (const name of names) source.exports.push({ name, line })
}

function gatherFunction(node: Node, source: Gathering, name: string): void {
  const line = source.lineAt(node.start)
  const lineCount = source.lineAt(node.end) - line + 1
  const own = nameOf(node) || name || 'function'
  const isSuite = source.suites.has(node) || holdsTests(node)
  source.functions.push({ name: own, line, lineCount, isSuite })
}

function gatherMember(node: Node, source: Gathering): void {
  if (node.computed) return
  const object = identifierName(node.object)
  const property = identifierName(node.property)
  if (object === undefined || property === undefined) return
  source.members.push({ name: `${object}.${property}`, line: source.lineAt(node.start) })
}

function gatherConstruction(node: Node, source: Gathering): void {
  const name = identifierName(node.callee)
  const given = Array.isArray(node.arguments) ? node.arguments : []
  if (name === undefined) return
  const line = source.lineAt(node.start)
  source.constructions.push({ name, line, argumentCount: given.length })
  const [first] = given
  if (name === 'URL' && isNode(first) && typeof first.value === 'string') {
    source.urls.push(first.value)
  }
}

function addImport(node: Node, names: readonly string[] | undefined, source: Gathering): void {
  if (!isNode(node.source) || typeof node.source.value !== 'string') return
  const takesAll = childrenOf(node.specifiers).some(
    ({ type }) => type === 'ImportNamespaceSpecifier',
  )
  const line = source.lineAt(node.start)
  source.imports.push({
    specifier: node.source.value,
    line,
    names: takesAll ? undefined : names,
  })
}

function namesOf(node: Node, field: string): string[] {
  return childrenOf(node.specifiers).flatMap((specifier) => {
    if (specifier.type === 'ImportDefaultSpecifier') return ['default']
    return specifier.exportKind === 'type' ? [] : (identifierName(specifier[field]) ?? [])
  })
}

function declaredNames(declaration: unknown): string[] {
  if (!isNode(declaration) || declaration.type.startsWith('TS')) return []
  const own = identifierName(declaration.id)
  return own ? [own] : childrenOf(declaration.declarations).flatMap(({ id }) => boundNames(id))
}

function boundNames(pattern: unknown): string[] {
  if (!isNode(pattern)) return []
  if (pattern.type === 'ObjectPattern') {
    return childrenOf(pattern.properties).flatMap((each) => boundNames(each.value ?? each.argument))
  }
  if (pattern.type === 'ArrayPattern') return childrenOf(pattern.elements).flatMap(boundNames)
  const own = identifierName(pattern)
  return own ? [own] : boundNames(pattern.left)
}

/** Its own statements call describe() or test(), in any of their forms. */
function holdsTests(node: Node): boolean {
  const body = isNode(node.body) ? node.body : undefined
  return childrenOf(body?.body).some(({ expression }) =>
    ['describe', 'test'].includes(calledName(expression)),
  )
}

/** The first name of a call: `describe` in `describe.for(rows)('title', suite)`. */
function calledName(call: unknown): string {
  if (!isNode(call)) return ''
  if (call.type === 'CallExpression') return calledName(call.callee)
  if (call.type === 'MemberExpression') return calledName(call.object)
  return identifierName(call) ?? ''
}

function nameOf(node: Node): string {
  return identifierName(node.id) ?? identifierName(node.key) ?? ''
}

function identifierName(node: unknown): string | undefined {
  if (!isNode(node)) return undefined
  const isName = node.type === 'Identifier' || node.type === 'PrivateIdentifier'
  return isName && typeof node.name === 'string' ? node.name : undefined
}

function childrenOf(value: unknown): Node[] {
  return Array.isArray(value) ? value.filter(isNode) : []
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return low + 1
  }
}
