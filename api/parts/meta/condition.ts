/** FIXME: one sentence. */
import {
  int64,
  omitEmpty,
  required,
  type Stored,
  string,
  struct,
  time,
  wordOf,
} from '../../schema.ts'

export const condition = struct('meta.v1.Condition', '', {
  type: required(1, string, ''),
  status: required(2, wordOf('True', 'False', 'Unknown'), ''),
  observedGeneration: omitEmpty(3, int64, ''),
  lastTransitionTime: required(4, time, ''),
  reason: required(5, string, ''),
  message: required(6, string, ''),
})
export interface Condition extends Stored<typeof condition> {}
