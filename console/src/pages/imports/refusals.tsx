import { Button, Group, Stack, Text } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import type { GetImportResponse } from '@tributary/sdk'
import { DataTable } from '../../parts/data-table.tsx'
import { valueText } from '../../parts/json-block.tsx'

/** The first rows that were refused, and all of them as a file. */
export function Refusals({ task: { id, refusals } }: { task: GetImportResponse }) {
  const address = `/api/v1/imports/${id}/refusals`
  const icon = <IconDownload size={14} aria-hidden />
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Text fw={600} component="h2" m={0} size="sm">
          Refused rows
        </Text>
        <Group gap="xs">
          <Button
            component="a"
            href={`${address}?format=csv`}
            download
            size="xs"
            variant="default"
            leftSection={icon}
          >
            All as CSV
          </Button>
          <Button component="a" href={address} download size="xs" variant="default" leftSection={icon}>
            All as JSON lines
          </Button>
        </Group>
      </Group>
      <DataTable
        label="Refused rows"
        rows={refusals}
        keyOf={({ row, pointer }) => `${row} ${pointer}`}
        columns={[
          { head: 'Row', cell: ({ row }) => row, align: 'right', width: 70 },
          { head: 'Why', cell: ({ detail }) => detail },
          { head: 'Place', cell: ({ pointer }) => pointer },
          { head: 'What it said', cell: ({ item }) => valueText(item) },
        ]}
      />
    </Stack>
  )
}
