/** A log for benches: nobody reads it, and writing it would be part of the figure. */
import { systemClock as clock } from '#daemon/clock.ts'
import { createLog } from '#daemon/log.ts'

const format = { service: 'bench', level: 'fatal', format: 'json', colours: false } as const

export const quietLog = createLog({ ...format, clock, sink: { write: () => undefined } })
