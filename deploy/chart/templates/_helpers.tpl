{{/* All parts: name → settings, the arguments of the command, and the room that its variables come from. */}}
{{- define "decibel.parts" -}}
gateway:
  args: [gateway]
  kind: gateway
{{ toYaml .Values.gateway | indent 2 }}
{{- range $name, $own := .Values.subgraphs }}
{{ $name }}:
  args: [subgraph, {{ $name }}]
  kind: subgraph
{{ toYaml (mergeOverwrite (deepCopy $.Values.subgraphDefaults) $own) | indent 2 }}
{{- end }}
worker:
  args: [worker]
  kind: worker
{{ toYaml .Values.worker | indent 2 }}
{{- end }}

{{- define "decibel.labels" -}}
app.kubernetes.io/name: decibel
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Of one part: root, name. */}}
{{- define "decibel.selector" -}}
{{ include "decibel.labels" .root }}
app.kubernetes.io/component: {{ .name }}
{{- end }}

{{/* Of one part: root, name, part. Later ones would not replace earlier ones in a list: they are merged first. */}}
{{- define "decibel.env" -}}
{{- $values := .root.Values -}}
{{- $env := deepCopy $values.env -}}
{{- if eq .part.kind "gateway" }}
{{- $_ := set $env "PORT" .part.port }}
{{- $_ := set $env "METRICS_PORT" .part.metricsPort }}
{{- $_ := set $env "METRICS_HOST" "0.0.0.0" }}
{{- else }}
{{- $env = mergeOverwrite $env $values.backend.env }}
{{- end }}
{{- if eq .part.kind "worker" }}
{{- $_ := set $env "WORKER_PORT" .part.port }}
{{- end }}
{{- if eq .part.kind "subgraph" }}
{{- $_ := set $env (printf "%s_PORT" (upper .name)) .part.port }}
{{- end }}
{{- range $name, $own := $values.subgraphs }}
{{- $_ := set $env (printf "%s_URL" (upper $name)) (printf "http://%s-%s:%v/graphql" $.root.Release.Name $name $own.port) }}
{{- end }}
{{- if and (eq .part.kind "gateway") .part.supergraphConfigMap }}
{{- $_ := set $env "SUPERGRAPH_FILE" "/supergraph/supergraph.graphql" }}
{{- $_ := set $env "PARTNER_SUPERGRAPH_FILE" "/supergraph/partner.graphql" }}
{{- end }}
{{- $env = mergeOverwrite $env (default dict .part.env) }}
{{- range $variable, $value := $env }}
- name: {{ $variable }}
  value: {{ $value | quote }}
{{- end }}
{{- $secrets := mergeOverwrite (deepCopy $values.secrets.shared) (ternary $values.secrets.gateway $values.secrets.backend (eq .part.kind "gateway")) }}
{{- range $variable, $secret := $secrets }}
- name: {{ $variable }}
  valueFrom:
    secretKeyRef: { name: {{ $secret.name }}, key: {{ $secret.key }} }
{{- end }}
{{- end }}
