import { CopyText } from '../../parts/copy-text.tsx'
import { ShownOnce } from '../../parts/shown-once.tsx'

/** The secret of a key, once. */
export function KeySecret({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <ShownOnce
      title="The secret of the key"
      text="Copy it now: it is kept as a hash, and nobody can show it again."
      onClose={onClose}
    >
      <CopyText block text={secret} label="the secret" />
    </ShownOnce>
  )
}
