/** The flags that say how to reach kubelets, named as upstream names them. */
import { readFile } from 'node:fs/promises'
import { type OptionValues, option } from '#daemon/options.ts'
import { defaultAddressTypes, type KubeletSettings } from './kubelets.ts'

export const kubeletFlags = {
  'Kubelet client flags': {
    'kubelet-certificate-authority': option.text({
      help: 'File with the authorities of kubelets; without it their certificates are not checked.',
    }),
    'kubelet-client-certificate': option.text({
      help: 'File with the certificate shown to kubelets; one of our own unless given.',
    }),
    'kubelet-client-key': option.text({
      help: 'File with the key of the certificate shown to kubelets.',
    }),
    'kubelet-preferred-address-types': option.list({
      help: 'Which addresses of a node to use, best first.',
      default: defaultAddressTypes,
    }),
  },
}

type KubeletFlags = OptionValues<typeof kubeletFlags>

/** `own` is read anew for each connection, as it is renewed while the server runs. */
export async function kubeletsBy(
  flags: KubeletFlags,
  own: Pick<KubeletSettings, 'clientCertificate' | 'clientKey'>,
): Promise<KubeletSettings> {
  const { kubeletCertificateAuthority, kubeletClientCertificate, kubeletClientKey } = flags
  if ((kubeletClientCertificate === undefined) !== (kubeletClientKey === undefined)) {
    throw new Error(
      'call kubelets: --kubelet-client-certificate and --kubelet-client-key belong together',
    )
  }
  const read = (file: string | undefined) => (file === undefined ? undefined : readFile(file))
  const [certificateAuthority, certificate, key] = await Promise.all([
    read(kubeletCertificateAuthority),
    read(kubeletClientCertificate),
    read(kubeletClientKey),
  ])
  return {
    certificateAuthority,
    addressTypes: flags.kubeletPreferredAddressTypes,
    get clientCertificate() {
      return certificate ?? own.clientCertificate
    },
    get clientKey() {
      return key ?? own.clientKey
    },
  }
}
