import { Alert, Tabs, Textarea } from '@mantine/core'
import type { ReactNode } from 'react'
import { ComplaintText } from './complaint-text.tsx'
import type { DefinitionDraft } from './definition-draft.ts'

/** A definition as a form and as JSON; both are the same text. */
export function DefinitionTabs({ draft, children }: { draft: DefinitionDraft; children: ReactNode }) {
  const { text, problem, setText } = draft
  return (
    <Tabs defaultValue="form" keepMounted={false}>
      <Tabs.List mb="md">
        <Tabs.Tab value="form">Form</Tabs.Tab>
        <Tabs.Tab value="json">JSON</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="form">
        {problem === undefined ? (
          children
        ) : (
          <Alert color="yellow" title="The form cannot show this definition">
            {problem} The tab JSON has it as it was written.
          </Alert>
        )}
      </Tabs.Panel>
      <Tabs.Panel value="json">
        <Textarea
          label="Definition"
          description="The form shows the same definition."
          autosize
          minRows={12}
          maxRows={40}
          spellCheck={false}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
          value={text}
          error={problem}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
        <ComplaintText at="/definition" />
      </Tabs.Panel>
    </Tabs>
  )
}
