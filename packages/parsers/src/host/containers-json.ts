/** Containers and pod sandboxes as crictl prints them with `-o json` or `-o yaml` (cri-api ListPodSandboxResponse, ListContainersResponse). */
import type { Container, Facts, YamlValue } from '@coldtrace/core';
import type { Format, Parsed, Section } from '../format.js';
import { jsonExtent } from '../text/json.js';
import { claim, closeReading, openReading, takeFailure } from '../text/reading.js';
import { field, itemsOf, textAtPath } from '../yaml/access.js';
import { placedSection } from '../yaml/place.js';
import { readYaml } from '../yaml/read.js';
import { isFiltered } from './containers.js';

/** The list's name with its first row's first key: API objects of that shape begin with apiVersion. */
const opening =
  /^\s{0,8}\{\s{0,8}"(?:items|containers)"\s{0,4}:\s{0,4}\[\s{0,16}\{\s{0,16}"id"\s{0,4}:\s{0,4}"[0-9a-f]{64}"/;
const yamlOpening = /^(?:items|containers):\n- (?:annotations|createdAt|id):/;

export const containersJsonFormat: Format = {
  id: 'containers-json',
  title: 'containers of the runtime, as JSON or YAML',
  commands: [/^(?:\S*\/)?(?:k3s )?crictl\s+(?=.*\b(?:ps|pods)\b).*\s(?:-o|--output)[ =]?(?:json|yaml)\b/],
  fileNames: [/^crictl[-_](?:ps|pods).*\.(?:json|ya?ml)$/i],
  line: (text) => (opening.test(text.slice(0, 300)) ? 'opens' : null),
  extent: (text, start) => (text[start] === '{' ? jsonExtent(text, start) : null),
  whole: (text) => {
    const head = text.slice(0, 1 << 13);
    const isRuntimes = /"?(?:podSandboxId|runtimeHandler)"?\s{0,4}:/.test(head) || /SANDBOX_(?:NOT)?READY/.test(head);
    return isRuntimes && (opening.test(head) || yamlOpening.test(head)) ? 0.97 : 0;
  },
  parse,
};

function parse(section: Section): Parsed<readonly Facts[]> {
  const reading = openReading(section);
  const stream = readYaml(placedSection(section.file, section.start, section.end));
  reading.diagnostics.push(...stream.diagnostics);
  const rows: Container[] = [];
  let lists = 0;
  for (const { value, start, end } of stream.documents) {
    const pods = field(value, 'items');
    const containers = field(value, 'containers');
    if (pods === null && containers === null) continue;
    lists++;
    rows.push(...itemsOf(pods).flatMap(sandboxOf), ...itemsOf(containers).flatMap(containerOf));
    for (const line of reading.lines) {
      if (line.text.trim() !== '' && line.end > section.start + start && line.start < section.start + end)
        claim(reading, line, 'modelled');
    }
  }
  for (const line of reading.lines) if (reading.ledger[line.index] === 0) takeFailure(reading, line);
  if (lists === 0) return closeReading(reading, []);
  const complete = stream.diagnostics.length === 0 && !isFiltered(section.command);
  return closeReading(reading, [{ kind: 'containers', rows, complete }]);
}

function sandboxOf(value: YamlValue): readonly Container[] {
  const id = textAtPath(value, 'id');
  if (id === null) return [];
  const name = textAtPath(value, 'metadata', 'name');
  const podNamespace = textAtPath(value, 'metadata', 'namespace');
  return [
    {
      span: value.span,
      id,
      sandboxId: id,
      name: name ?? '',
      image: null,
      state: textAtPath(value, 'state'),
      pod: name,
      podNamespace,
    },
  ];
}

function containerOf(value: YamlValue): readonly Container[] {
  const id = textAtPath(value, 'id');
  if (id === null) return [];
  return [
    {
      span: value.span,
      id,
      sandboxId: textAtPath(value, 'podSandboxId'),
      name: textAtPath(value, 'metadata', 'name') ?? '',
      image: textAtPath(value, 'image', 'image'),
      state: textAtPath(value, 'state'),
      pod: textAtPath(value, 'labels', 'io.kubernetes.pod.name'),
      podNamespace: textAtPath(value, 'labels', 'io.kubernetes.pod.namespace'),
    },
  ];
}
