import { FileInput, Stack, Text } from '@mantine/core'
import { IconFileUpload } from '@tabler/icons-react'
import { useState } from 'react'
import { Page } from '../../parts/page.tsx'
import { ProblemAlert } from '../../parts/problem-alert.tsx'
import { bytesText } from '../../parts/format.ts'
import { ImportForm } from './import-form.tsx'
import { SAMPLE_BYTES, readSample } from './sample.ts'
import type { Sample } from './sample.ts'

/** Brings a file: looked at here, checked and stored by the server. */
export function ImportDraftPage() {
  const [file, setFile] = useState<File | null>(null)
  const [sample, setSample] = useState<Sample>()
  const [error, setError] = useState<unknown>()
  const choose = async (chosen: File | null): Promise<void> => {
    setFile(chosen)
    setSample(undefined)
    setError(undefined)
    if (!chosen) return
    try {
      const text = await chosen.slice(0, SAMPLE_BYTES).text()
      setSample(readSample(text, chosen.size > SAMPLE_BYTES))
    } catch (thrown) {
      setError(thrown)
    }
  }
  return (
    <Page title="New import" text="Profiles, events or purchases from a CSV file, or from lines of JSON.">
      <Stack gap="lg">
        <FileInput
          label="File"
          description="CSV with a head, or a JSON object on each line."
          placeholder="Choose a file"
          accept=".csv,.tsv,.txt,.json,.jsonl,.ndjson,text/csv,application/x-ndjson"
          leftSection={<IconFileUpload size={16} aria-hidden />}
          value={file}
          onChange={(chosen) => void choose(chosen)}
          maw={520}
          clearable
        />
        {file && <Text size="sm">{bytesText(file.size)}</Text>}
        {error !== undefined && <ProblemAlert error={error} />}
        {file && sample && (
          <ImportForm key={`${file.name} ${file.lastModified}`} file={file} sample={sample} />
        )}
      </Stack>
    </Page>
  )
}
