import { Button, Group } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { CopyText } from '../../parts/copy-text.tsx'
import { saveFile } from '../../parts/save-file.ts'
import { ShownOnce } from '../../parts/shown-once.tsx'

/** Codes that replace one of the app, each once. */
export function RecoveryCodes({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  const text = codes.join('\n')
  return (
    <ShownOnce
      title="Recovery codes"
      text="Each of these signs you in once when your telephone is lost. They are shown only now: keep them where your telephone is not."
      onClose={onClose}
    >
      <CopyText block text={text} label="the codes" />
      <Group>
        <Button
          variant="default"
          leftSection={<IconDownload size={16} aria-hidden />}
          onClick={() => saveFile('tributary-recovery-codes.txt', 'text/plain', `${text}\n`)}
        >
          Download
        </Button>
      </Group>
    </ShownOnce>
  )
}
