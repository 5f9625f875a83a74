/** The secrets that a kubelet needs to mount a volume; those of controllers are not among them. */
import type { PersistentVolume } from '#api/kinds/core/persistent-volume.ts'

interface SecretName {
  readonly namespace: string
  readonly name: string
}

export function volumeSecrets({ spec }: PersistentVolume): SecretName[] {
  const home = spec.claimRef?.namespace ?? ''
  const { azureFile, cephfs, cinder, csi, flexVolume, iscsi, rbd, scaleIO, storageos } = spec
  const references = [
    azureFile && { name: azureFile.secretName, namespace: azureFile.secretNamespace },
    cephfs?.secretRef,
    cinder?.secretRef,
    csi?.nodePublishSecretRef,
    csi?.nodeStageSecretRef,
    csi?.nodeExpandSecretRef,
    flexVolume?.secretRef,
    iscsi?.secretRef,
    rbd?.secretRef,
    scaleIO?.secretRef,
    storageos?.secretRef,
  ]
  return references.flatMap((each) =>
    each?.name ? { name: each.name, namespace: each.namespace || home } : [],
  )
}
