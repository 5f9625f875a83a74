/** A thread that asks a DNS server as fast as it answers, with so many questions under way. */
import { createSocket } from 'node:dgram'
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '#daemon/clock.ts'

export interface FloodOrder {
  readonly port: number
  /** Asked in turn, each with a number of its own put into its first two bytes. */
  readonly questions: readonly Uint8Array[]
  readonly inFlight: number
  readonly count: number
}

export interface FloodResult {
  readonly perSecond: number
  readonly p99Ms: number
}

/** Those of a warm server: before, code is compiled and nothing is learnt. */
const WARM_UP_SHARE = 0.2
/** A packet that is lost is asked for again. */
const LOST_MS = 500

const { port, questions, inFlight, count } = workerData as FloodOrder
const bytes = questions.map((each) => Buffer.from(each))
const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 })
const sentAt = new Map<number, number>()
const times: number[] = []
const warmUp = Math.floor(count * WARM_UP_SHARE)
let asked = 0
let answered = 0
let begunAt = 0
let lost = systemClock.setTimeout(askAgain, LOST_MS)

function ask(): void {
  const id = asked & 0xffff
  const question = Buffer.from(bytes[asked % bytes.length]!)
  question.writeUInt16BE(id, 0)
  sentAt.set(id, performance.now())
  asked++
  socket.send(question)
}

socket.on('message', (reply) => {
  const id = reply.readUInt16BE(0)
  const at = sentAt.get(id)
  if (at === undefined) return
  sentAt.delete(id)
  answered++
  if (answered === warmUp) begunAt = performance.now()
  if (answered > warmUp) times.push(performance.now() - at)
  if (answered < count) ask()
  else finish()
})

function askAgain(): void {
  const now = performance.now()
  for (const [id, at] of sentAt) {
    if (now - at < LOST_MS) continue
    sentAt.delete(id)
    ask()
  }
  lost = systemClock.setTimeout(askAgain, LOST_MS)
}

function finish(): void {
  lost.cancel()
  socket.close()
  const perSecond = (times.length / (performance.now() - begunAt)) * 1000
  const p99Ms = times.toSorted((left, right) => left - right)[Math.floor(times.length * 0.99)]!
  parentPort!.postMessage({ perSecond, p99Ms } satisfies FloodResult)
}

socket.connect(port, '127.0.0.1', () => {
  for (let index = 0; index < inFlight; index++) ask()
})
