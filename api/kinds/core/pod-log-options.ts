/** PodLogOptions: which part of the log of a container to send, and how. */
import { defineMessage } from '../../kind.ts'
import { Path } from '../../problems.ts'
import { boolean, int64, omitEmpty, optional, type Stored, string, time } from '../../schema.ts'

export const PodLogOptions = defineMessage({
  group: '',
  version: 'v1',
  kind: 'PodLogOptions',
  doc: 'Options of a request for the log of a container.',
  fields: {
    container: omitEmpty(1, string, 'Container to read. Needed only when the pod has several.'),
    follow: omitEmpty(2, boolean, 'Whether to go on sending as the log grows.'),
    previous: omitEmpty(3, boolean, 'Whether to send the log of the run before the last restart.'),
    sinceSeconds: optional(4, int64, 'Send only what is not older than these seconds.'),
    sinceTime: optional(5, time, 'Send only what is not older than this time.'),
    timestamps: omitEmpty(6, boolean, 'Whether to put the time in front of each line.'),
    tailLines: optional(7, int64, 'Send only so many lines from the end. All when unset.'),
    limitBytes: optional(8, int64, 'Stop after so many bytes. No limit when unset.'),
    insecureSkipTLSVerifyBackend: omitEmpty(
      9,
      boolean,
      'Whether to trust the kubelet without checking its certificate.',
    ),
    stream: optional(10, string, 'Stream to send: All, Stdout or Stderr. Not supported yet.'),
  },
  validate(options, at, problems): void {
    const { tailLines, limitBytes, sinceSeconds, sinceTime, stream } = options
    if (tailLines !== undefined && tailLines < 0) {
      problems.invalid(at.child('tailLines'), tailLines, 'must be greater than or equal to 0')
    }
    if (limitBytes !== undefined && limitBytes < 1) {
      problems.invalid(at.child('limitBytes'), limitBytes, 'must be greater than 0')
    }
    if (sinceSeconds !== undefined && sinceTime) {
      const detail = 'at most one of `sinceTime` or `sinceSeconds` may be specified'
      problems.forbidden(Path.root.child(''), detail)
    } else if (sinceSeconds !== undefined && sinceSeconds < 1) {
      problems.invalid(at.child('sinceSeconds'), sinceSeconds, 'must be greater than 0')
    }
    if (stream !== undefined) problems.forbidden(at.child('stream'), 'may not be specified')
  },
})
export interface PodLogOptions extends Stored<typeof PodLogOptions> {}
