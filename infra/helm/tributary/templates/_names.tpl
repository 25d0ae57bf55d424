{{- define "tributary.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{ include "tributary.selector" . }}
{{- end }}

{{- define "tributary.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .role }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{- define "tributary.name" -}}
{{- $base := ternary .root.Release.Name (printf "%s-%s" .root.Release.Name .root.Chart.Name) (contains .root.Chart.Name .root.Release.Name) -}}
{{- printf "%s%s" ($base | trunc 50 | trimSuffix "-") (empty .role | ternary "" (printf "-%s" .role)) -}}
{{- end }}

{{- define "tributary.image" -}}
{{- with .Values.image -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end -}}
{{- end -}}
{{- end }}

{{- /* The settings without which a role does not start. */}}
{{- define "tributary.needs" -}}
{{- get (dict
  "collector" "TRIBUTARY_LOG_URL TRIBUTARY_LOOKUP_KEY"
  "processor" "TRIBUTARY_LOG_URL TRIBUTARY_LOOKUP_KEY TRIBUTARY_EVENTS_URL TRIBUTARY_PROFILES_URL TRIBUTARY_KEYS_URL TRIBUTARY_MASTER_KEY"
  "projector" "TRIBUTARY_LOG_URL TRIBUTARY_LOOKUP_KEY TRIBUTARY_EVENTS_URL TRIBUTARY_PROFILES_URL TRIBUTARY_KEYS_URL TRIBUTARY_MASTER_KEY"
  "loader" "TRIBUTARY_LOG_URL TRIBUTARY_EVENTS_URL TRIBUTARY_PROFILES_URL TRIBUTARY_WAREHOUSE_URL"
  "api" "TRIBUTARY_LOG_URL TRIBUTARY_LOOKUP_KEY TRIBUTARY_EVENTS_URL TRIBUTARY_PROFILES_URL TRIBUTARY_KEYS_URL TRIBUTARY_MASTER_KEY TRIBUTARY_WAREHOUSE_URL"
) . -}}
{{- end }}
