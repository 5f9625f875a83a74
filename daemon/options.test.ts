/** Flags parse to typed values, problems are all named at once, and the help shows everything. */
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { fuzz } from '#test/fuzz.ts'
import { option, parseOptions, UsageError } from './options.ts'
import { helpText } from './options-help.ts'

const sections = {
  'Secure serving flags': {
    'bind-address': option.text({ help: 'Address to listen on.', default: '0.0.0.0' }),
    'secure-port': option.port({ help: 'Port to listen on.', default: 6443 }),
    'tls-cert-file': option.text({ help: 'Certificate.' }),
  },
  'Other flags': {
    'data-dir': option.text({ help: 'Where data is kept.', required: true, env: 'DATA_DIR' }),
    'request-timeout': option.duration({ help: 'Longest request.', default: 60_000 }),
    'authorization-mode': option.list({ help: 'Authorisers, in order.', default: ['RBAC'] }),
    'feature-gates': option.map({ help: 'Features by name.' }),
    profiling: option.boolean({ help: 'Serve profiles.' }),
    color: option.choice(['auto', 'never'], { help: 'Colours.', default: 'auto' }),
    rate: option.number({ help: 'How often.', min: 0, max: 2, default: 0.1 }),
    v: option.integer({ help: 'Verbosity.', short: 'v', min: 0, max: 10, default: 0 }),
  },
}

const parse = (...given: string[]) =>
  parseOptions(sections, { arguments: ['--data-dir=/d', ...given], environment: {} }).values

test('defaults stand where nothing is given, and the types follow the declarations', () => {
  const values = parse()
  expect(values).toEqual({
    bindAddress: '0.0.0.0',
    securePort: 6443,
    tlsCertFile: undefined,
    dataDir: '/d',
    requestTimeout: 60_000,
    authorizationMode: ['RBAC'],
    featureGates: new Map(),
    profiling: false,
    color: 'auto',
    rate: 0.1,
    v: 0,
  })
  expectTypeOf(values.securePort).toEqualTypeOf<number>()
  expectTypeOf(values.tlsCertFile).toEqualTypeOf<string | undefined>()
  expectTypeOf(values.dataDir).toEqualTypeOf<string>()
  expectTypeOf(values.authorizationMode).toEqualTypeOf<readonly string[]>()
  expectTypeOf(values.color).toEqualTypeOf<'auto' | 'never'>()
})

test.for([
  { given: ['--secure-port', '1'], wanted: { securePort: 1 } },
  { given: ['--secure-port=1'], wanted: { securePort: 1 } },
  { given: ['--secure-port=1', '--secure-port=2'], wanted: { securePort: 2 } },
  { given: ['--bind-address='], wanted: { bindAddress: '' } },
  { given: ['--bind-address=a=b'], wanted: { bindAddress: 'a=b' } },
  { given: ['--bind-address', '--x'], wanted: { bindAddress: '--x' } },
  { given: ['--request-timeout', '1m30s'], wanted: { requestTimeout: 90_000 } },
  { given: ['--authorization-mode=Node,RBAC'], wanted: { authorizationMode: ['Node', 'RBAC'] } },
  {
    given: ['--authorization-mode', 'Node', '--authorization-mode=A,B'],
    wanted: { authorizationMode: ['Node', 'A', 'B'] },
  },
  { given: ['--authorization-mode='], wanted: { authorizationMode: [] } },
  {
    given: ['--feature-gates=A=true,B=false', '--feature-gates', 'A=x=y'],
    wanted: {
      featureGates: new Map([
        ['A', 'x=y'],
        ['B', 'false'],
      ]),
    },
  },
  { given: ['--profiling'], wanted: { profiling: true } },
  { given: ['--profiling=false'], wanted: { profiling: false } },
  { given: ['--profiling', '--v=3'], wanted: { profiling: true, v: 3 } },
  { given: ['--rate=.5'], wanted: { rate: 0.5 } },
  { given: ['--rate', '1e-2'], wanted: { rate: 0.01 } },
  { given: ['-v', '4'], wanted: { v: 4 } },
  { given: ['-v=5'], wanted: { v: 5 } },
  { given: ['-v6'], wanted: { v: 6 } },
  { given: ['--color', 'never'], wanted: { color: 'never' } },
])('$given', ({ given, wanted }) => {
  expect(parse(...given)).toMatchObject(wanted)
})

test.for([
  [['--secure-prt', '1'], 'unknown flag: --secure-prt (did you mean --secure-port?)'],
  [['--secure-prt=1'], 'unknown flag: --secure-prt (did you mean --secure-port?)'],
  [['--nothing-like-it'], 'unknown flag: --nothing-like-it'],
  [['-x'], 'unknown flag: -x'],
  [['-secure-port=1'], 'unknown flag: -s'],
  [['--constructor=1'], 'unknown flag: --constructor'],
  [['--__proto__=1'], 'unknown flag: --__proto__'],
  [['--secure-port'], 'flag needs an argument: --secure-port'],
  [['stray'], 'unexpected argument "stray"'],
  [['--', '--v=1'], 'unexpected argument "--v=1"'],
  [['-'], 'unexpected argument "-"'],
  [
    ['--secure-port=65536'],
    'invalid argument "65536" for "--secure-port" flag: wanted a whole number from 0 to 65535',
  ],
  [['--v=-1'], 'invalid argument "-1" for "--v" flag: wanted a whole number from 0 to 10'],
  [['--v=1e1'], 'invalid argument "1e1" for "--v" flag: wanted a whole number from 0 to 10'],
  [
    ['--request-timeout=10'],
    'invalid argument "10" for "--request-timeout" flag: wanted a duration such as 10s or 1h30m',
  ],
  [['--profiling=maybe'], 'invalid argument "maybe" for "--profiling" flag: wanted true or false'],
  [['--color=red'], 'invalid argument "red" for "--color" flag: wanted one of auto, never'],
  [['--feature-gates=A'], 'invalid argument "A" for "--feature-gates" flag: wanted name=value'],
] as const)('%j: %s', ([given, problem]) => {
  expect(() => parse(...given)).toThrow(new UsageError([problem]))
})

test('one run names every problem', () => {
  const broken = () =>
    parseOptions(sections, { arguments: ['--v=x', '--colour=a', 'word'], environment: {} })
  expect(broken).toThrow(
    new UsageError([
      'unknown flag: --colour (did you mean --color?)',
      'unexpected argument "word"',
      'required flag "--data-dir" not set',
      'invalid argument "x" for "--v" flag: wanted a whole number from 0 to 10',
    ]),
  )
})

describe('environment', () => {
  const environment = { DATA_DIR: '/from-env' }

  test('stands in for a flag that is absent, and the flag wins', () => {
    expect(parseOptions(sections, { arguments: [], environment }).values.dataDir).toBe('/from-env')
    const given = { arguments: ['--data-dir', '/flag'], environment }
    expect(parseOptions(sections, given).values.dataDir).toBe('/flag')
  })

  test('an empty variable counts as absent', () => {
    const given = { arguments: [], environment: { DATA_DIR: '' } }
    expect(() => parseOptions(sections, given)).toThrow('required flag "--data-dir" not set')
  })

  test('a problem names the variable', () => {
    const port = { All: { port: option.port({ help: '', env: 'PORT' }) } }
    expect(() => parseOptions(port, { arguments: [], environment: { PORT: 'x' } })).toThrow(
      'invalid argument "x" for environment variable PORT: wanted',
    )
  })
})

test('words beside the flags are given back when they are allowed', () => {
  const given = { arguments: ['up', '--data-dir', '/d', '--', '--v'], environment: {}, wordsMax: 2 }
  expect(parseOptions(sections, given).words).toEqual(['up', '--v'])
})

test('any command line parses or is refused with a UsageError', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('--v', '--v=', '-v', '--', '--data-dir', '--profiling', '--feature-gates=a=b'),
    fc.string().map((text) => `--${text}`),
  )
  fc.assert(
    fc.property(fc.array(word), (given) => {
      try {
        parse(...given)
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError)
      }
    }),
    fuzz(500),
  )
})

describe('help', () => {
  const subject = { name: 'apiserver', summary: 'serves the API', options: sections }

  test('shows every flag with type, meaning, default and variable', () => {
    expect(helpText(subject, 80)).toMatchInlineSnapshot(`
      "apiserver: serves the API

      Usage:
        apiserver [flags]

      Secure serving flags:
            --bind-address string         Address to listen on. (default "0.0.0.0")
            --secure-port int             Port to listen on. (default 6443)
            --tls-cert-file string        Certificate.

      Other flags:
            --data-dir string             Where data is kept. (required) [$DATA_DIR]
            --request-timeout duration    Longest request. (default 1m0s)
            --authorization-mode strings  Authorisers, in order. (default RBAC)
            --feature-gates mapStringString
                                          Features by name.
            --profiling                   Serve profiles.
            --color auto|never            Colours. (default auto)
            --rate float                  How often. (default 0.1)
        -v, --v int                       Verbosity. (default 0)
      "
    `)
  })

  test.for([1, 60, 80, 100, 500])(
    'keeps within %i columns, or 60 where that is less',
    (columns) => {
      const limit = Math.min(Math.max(columns, 60), 120)
      const long = option.text({ help: 'word '.repeat(60), default: 'x' })
      const text = helpText(
        { ...subject, options: { ...sections, Long: { 'long-flag': long } } },
        columns,
      )
      const tooLong = text.split('\n').filter((line) => line.length > limit)
      expect(tooLong).toEqual([])
    },
  )
})
