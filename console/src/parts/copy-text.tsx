import { ActionIcon, Code, CopyButton, Group, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'

/** A text that one will want to paste elsewhere. `block` keeps its lines. */
export function CopyText({ text, label, block = false }: { text: string; label: string; block?: boolean }) {
  return (
    <Group gap={4} wrap="nowrap" align={block ? 'flex-start' : 'center'}>
      <Code
        block={block}
        flex={block ? 1 : undefined}
        style={{ overflowX: 'auto' }}
        tabIndex={block ? 0 : undefined}
      >
        {text}
      </Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? 'Copied' : `Copy ${label}`}>
            <ActionIcon
              variant="subtle"
              color={copied ? 'teal' : 'gray'}
              onClick={copy}
              aria-label={`Copy ${label}`}
            >
              {copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Group>
  )
}
