/** `nanokube version`. */
import { kubernetesVersion } from '#daemon/version.ts'
import { defineCommand } from '../command.ts'

export const versionCommand = defineCommand({
  name: 'version',
  summary: 'Says which version this is.',
  options: {},
  async run(_values, _words, { progress }) {
    const { node } = process.versions
    const { text } = kubernetesVersion
    progress.report({ kubernetes: text, node }, `nanokube ${text}, Node ${node}`)
  },
})
