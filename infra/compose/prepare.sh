#!/bin/sh
# Makes what docker-compose.yml must not hold: secrets in .env (mode 0600), the image, and the platform's access keys.
# Run again, it keeps what is there: a new master key would leave everything that is sealed unreadable.
set -eu
cd "$(dirname "$0")/../.."
umask 077
touch .env

keep() { grep -q "^$1=..*" .env || printf '%s=%s\n' "$1" "$2" >>.env; }
random_base64() { head -c 32 /dev/urandom | base64 | tr -d '\n'; }
# Hexadecimal: passwords stand inside URLs.
random_hex() { head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }

keep TRIBUTARY_MASTER_KEY "$(random_base64)"
keep TRIBUTARY_LOOKUP_KEY "$(random_base64)"
keep REDIS_PASSWORD "$(random_hex)"
keep CLICKHOUSE_PASSWORD "$(random_hex)"
keep GRAFANA_ADMIN_PASSWORD "$(random_hex)"

export TRIBUTARY_METRICS_KEY=unmade
docker compose build api
new_key() { docker compose run --rm --no-deps -T api key create --quiet --role "$1"; }
if ! grep -q '^TRIBUTARY_METRICS_KEY=..*' .env; then
  # The admin key first: once the other is in .env, none is made any more.
  echo 'The admin key (shown this once; only its hash is stored):'
  new_key admin
  metrics_key=$(new_key read)
  printf 'TRIBUTARY_METRICS_KEY=%s\n' "$metrics_key" >>.env
fi
echo 'Ready: docker compose up -d --wait. Back up .env apart from the data.'
