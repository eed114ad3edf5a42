import { Code, Stack, Tabs, Text } from '@mantine/core'

/** What a message says. Its HTML is shown as it is written: it is of anybody, and must not run. */
export function MessageContent(props: { subject: string | null; text: string; html: string | null }) {
  const { subject, text, html } = props
  return (
    <Stack gap="xs">
      {subject !== null && (
        <Text size="sm">
          <Text span c="dimmed" size="sm">
            Subject:
          </Text>{' '}
          {subject}
        </Text>
      )}
      <Tabs defaultValue="text">
        <Tabs.List mb="xs">
          <Tabs.Tab value="text">Text</Tabs.Tab>
          {html !== null && <Tabs.Tab value="html">HTML, as written</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="text">
          <Source text={text} />
        </Tabs.Panel>
        {html !== null && (
          <Tabs.Panel value="html">
            <Source text={html} />
          </Tabs.Panel>
        )}
      </Tabs>
    </Stack>
  )
}

function Source({ text }: { text: string }) {
  return (
    <Code block tabIndex={0} style={{ maxHeight: 360, overflow: 'auto', whiteSpace: 'pre-wrap' }}>
      {text}
    </Code>
  )
}
