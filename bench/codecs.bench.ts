/** What one pod costs on its way in and out, beside what plain JSON costs here and now. */
import { problemsOfNew } from '#api/check.ts'
import { decode } from '#api/decode.ts'
import { applyDefaults } from '#api/defaults.ts'
import { parseJson } from '#api/json.ts'
import { Pod } from '#api/kinds/core/pod.ts'
import { decodeEnvelope, decodeProtobuf, encodeProtobuf } from '#api/protobuf/envelope.ts'
import { tableRow } from '#api/table-rows.ts'
import { type Bench, nanosecondsPerCall } from './bench.ts'
import { typicalPod } from './typical-pod.ts'

const { schema } = Pod
const text = Buffer.from(JSON.stringify(typicalPod))
const pod = applyDefaults(schema, decode(schema, typicalPod))
const message = encodeProtobuf(schema, pod)
const problems = problemsOfNew(Pod, pod)
if (problems.length) throw new Error(`the pod of the bench is invalid: ${problems[0]?.message}`)

const microseconds = async (call: () => unknown): Promise<number> =>
  (await nanosecondsPerCall(call)) / 1000

const parse = {
  name: 'JSON.parse',
  figure: rounded(await microseconds(() => JSON.parse(text.toString()))),
}
const stringify = {
  name: 'JSON.stringify',
  figure: rounded(await microseconds(() => Buffer.from(JSON.stringify(pod)))),
}
/** Default and validate a typical pod. */
const goal = { name: 'the goal', figure: 60 }

function rounded(figure: number): number {
  return Math.round(figure * 10) / 10
}

export const benches: readonly Bench[] = [
  cost('codec: decode JSON', parse, () => decode(schema, parseJson(text))),
  cost('codec: default and validate', goal, () => {
    // Decoding again is part of the figure: defaults must find what a caller left out.
    const fresh = decode(schema, typicalPod)
    return problemsOfNew(Pod, applyDefaults(schema, fresh))
  }),
  cost('codec: validate', goal, () => problemsOfNew(Pod, pod)),
  cost('codec: encode JSON', stringify, () => Buffer.from(JSON.stringify(pod))),
  cost('codec: encode protobuf', stringify, () => encodeProtobuf(schema, pod)),
  cost('codec: decode protobuf', parse, () => decodeEnvelope(schema, decodeProtobuf(message))),
  cost('codec: table row', stringify, () => tableRow(Pod, pod, 1_770_000_000_000)),
]

function cost(name: string, against: NonNullable<Bench['against']>, call: () => unknown): Bench {
  return { name, unit: 'us', better: 'lower', against, measure: () => microseconds(call) }
}
