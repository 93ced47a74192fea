/** Files in the shapes that Bifrost's own users write. */
export const BIFROST_DOCUMENTS: Readonly<Record<string, unknown>> = {
  minimal: {
    $schema: "https://www.getbifrost.ai/schema",
    encryption_key: "env.OPENAI_API_KEY",
    client: { drop_excess_requests: false, enable_logging: true },
    providers: { openai: { keys: [{ name: "primary", value: "env.OPENAI_API_KEY", models: ["*"], weight: 1 }] } },
    config_store: { enabled: false },
  },
  early: {
    providers: {
      openai: {
        keys: [{ value: "env.OPENAI_API_KEY", models: ["gpt-4o-mini"], weight: 1 }],
        network_config: {
          default_request_timeout_in_seconds: 30,
          max_retries: 1,
          retry_backoff_initial_ms: 100,
          retry_backoff_max_ms: 2000,
        },
        concurrency_and_buffer_size: { concurrency: 3, buffer_size: 10 },
      },
      bedrock: {
        keys: [{ value: "env.ANTHROPIC_API_KEY", models: ["anthropic.claude-v2:1"], weight: 1 }],
        meta_config: { secret_access_key: "env.OPENAI_API_KEY", region: "us-east-1" },
      },
      azure: {
        keys: [{ value: "env.OPENAI_API_KEY", models: ["gpt-4o"], weight: 1 }],
        meta_config: {
          endpoint: "https://res.openai.azure.com/",
          deployments: { "gpt-4o": "my-deployment" },
          api_version: "2024-08-01",
        },
      },
      vertex: { keys: [], meta_config: { project_id: "p", region: "us-central1", auth_credentials: "env.OPENAI_API_KEY" } },
    },
    mcp: { client_configs: [{ name: "files", connection_type: "stdio", stdio_config: { command: "npx", args: ["x"] } }] },
  },
  clouds: {
    version: 2,
    providers: {
      azure: {
        keys: [
          {
            name: "az",
            value: "",
            weight: 1,
            models: ["*"],
            aliases: { "gpt-4o": "dep", claude: { model_id: "c", model_family: "anthropic", anthropic_version: "2023-06-01" } },
            azure_key_config: {
              endpoint: "https://res.openai.azure.com",
              client_id: "id",
              client_secret: { env_var: "env.OPENAI_API_KEY", from_env: true, value: "" },
              tenant_id: "tenant",
            },
          },
        ],
      },
      bedrock: {
        keys: [
          {
            name: "aws",
            weight: 1,
            models: ["*"],
            bedrock_key_config: { region: "eu-central-1", role_arn: "arn:aws:iam::1:role/x" },
          },
        ],
      },
      vertex: {
        keys: [
          {
            name: "gcp",
            weight: 1,
            models: ["*"],
            vertex_key_config: { project_id: "p", region: "global", auth_credentials: "" },
          },
        ],
      },
      ollama: {
        keys: [{ name: "local", value: "", weight: 1, models: ["*"], ollama_key_config: { url: "http://10.0.0.4:11434" } }],
      },
      vllm: {
        keys: [{ name: "v", weight: 1, models: ["*"], vllm_key_config: { url: "http://10.0.0.5:8000", model_name: "qwen" } }],
      },
    },
  },
  "virtual keys": {
    $schema: "https://www.getbifrost.ai/schema",
    client: {
      allow_direct_keys: false,
      allowed_origins: ["*"],
      enable_litellm_fallbacks: false,
      enforce_governance_header: true,
      initial_pool_size: 300,
      log_retention_days: 365,
      max_request_body_size_mb: 100,
    },
    framework: { pricing: { pricing_sync_interval: 86400 } },
    governance: {
      auth_config: { admin_username: "env.NOT_SET", admin_password: "env.NOT_SET_EITHER", is_enabled: false },
      virtual_keys: [{ id: "vk", name: "vk", value: "env.NOR_THIS", is_active: true, provider_configs: [] }],
    },
    plugins: [{ name: "governance", enabled: true, config: { is_vk_mandatory: true } }],
    providers: { openai: { keys: [{ id: "k", name: "n", value: "env.OPENAI_API_KEY", weight: 1, models: ["*"] }] } },
  },
  "a cache and nothing else": {
    client: { enable_local_cache: true },
    vector_store: { enabled: true, type: "redis", config: { addr: "env.REDIS_ADDR", db: 0, cluster_mode: true } },
    local_cache: { dimension: 1, ttl: 300, threshold: 0.8 },
  },
  "as another gateway gives it out": {
    $schema: "https://www.getbifrost.ai/schema",
    version: 2,
    source_of_truth: "split",
    server: { read_buffer_size: 65536 },
    setup_token: "a-token-of-the-first-start",
    client: {
      drop_excess_requests: false,
      retain_content_in_object_storage: false,
      async_job_result_ttl: 3600,
      routing_chain_max_depth: 10,
      hide_deleted_virtual_keys_in_filters: false,
      compat: { convert_text_to_chat: false, should_convert_params: false },
      redact_sensitive_headers: ["x-partner"],
      mcp_external_client_url: { value: "", env_var: "env.NOT_SET", from_env: true },
    },
    framework: { pricing: { pricing_sync_interval: 86400, live_models_sync_interval: 86400 } },
    providers: {
      own: {
        keys: [],
        network_config: {
          base_url: "https://llm.example.com",
          default_request_timeout_in_seconds: 30,
          max_retries: 0,
          retry_backoff_initial: 500,
          retry_backoff_max: 5000,
          enforce_http2: true,
          http2_ping_interval_in_seconds: 30,
          allow_private_network: false,
        },
        concurrency_and_buffer_size: { concurrency: 1000, buffer_size: 5000 },
        proxy_config: { type: "", url: "", username: "", password: "", ca_cert_pem: "" },
        provider_status: "active",
        custom_provider_config: {
          base_provider_type: "openai",
          is_key_less: true,
          allowed_requests: {
            chat_completion: true,
            chat_completion_stream: true,
            responses_retrieve: true,
            responses_delete: false,
            responses_cancel: true,
            responses_input_items: true,
            compaction: true,
            cached_content_update: true,
            realtime: false,
          },
        },
      },
      openai: {
        config_hash: "5d41402abc4b2a76",
        pricing_overrides: [{ model_pattern: "gpt-*", match_type: "wildcard", input_cost_per_token: 0.000001 }],
        status: "active",
        keys: [
          {
            name: "n",
            value: { value: "env.OPENAI_API_KEY", env_var: "env.OPENAI_API_KEY", from_env: true },
            models: ["*"],
            weight: 1,
            enabled: true,
            use_anthropic_endpoints: false,
            config_hash: "7d793037a0760186",
            status: "success",
          },
        ],
      },
    },
  },
  full: {
    version: 2,
    source_of_truth: "split",
    env_label: "staging",
    server: { read_buffer_size: 65536 },
    client: {
      initial_pool_size: 300,
      prometheus_labels: ["team"],
      allowed_origins: ["*"],
      allowed_headers: ["X-Mine"],
      log_retention_days: 365,
      max_request_body_size_mb: 50,
      enforce_governance_header: false,
      compat: { convert_text_to_chat: false },
      header_filter_config: { allowlist: ["X-A"], denylist: [] },
      required_headers: { "x-team": "*" },
      mcp_agent_depth: 10,
    },
    framework: { pricing: { pricing_sync_interval: 86400 } },
    providers: {
      openai: {
        keys: [
          {
            id: "k1",
            name: "one",
            value: { value: "env.OPENAI_API_KEY" },
            models: ["*"],
            blacklisted_models: ["o1"],
            weight: 0.7,
            use_for_batch_api: true,
          },
        ],
        network_config: {
          base_url: "https://proxy.example.com/v1/",
          extra_headers: { "X-Org": "env.ANTHROPIC_API_KEY" },
          retry_backoff_initial: "250ms",
          retry_backoff_max: 4000,
          enforce_http2: true,
          max_conns_per_host: 5000,
          stream_idle_timeout_in_seconds: 60,
        },
        proxy_config: { type: "http", url: "http://proxy:3128", username: "u", password: "env.OPENAI_API_KEY" },
        send_back_raw_response: true,
        openai_config: { disable_store: true },
      },
      "my-llm": {
        keys: [{ name: "mine", value: "x", models: ["*"], weight: 1 }],
        network_config: { base_url: "https://llm.example.com" },
        custom_provider_config: {
          base_provider_type: "openai",
          allowed_requests: { chat_completion: true, chat_completion_stream: true, embedding: false },
          request_path_overrides: { chat_completion: "/chat" },
          does_not_send_done_marker: true,
        },
      },
      replicate: { keys: [{ name: "r", value: "x", models: ["*"], weight: 1 }] },
    },
    governance: {
      virtual_keys: [{ id: "vk", name: "vk", provider_configs: [{ provider: "openai", weight: null }] }],
      auth_config: { admin_username: "root", admin_password: "env.OPENAI_API_KEY", is_enabled: true },
    },
    plugins: [{ enabled: true, name: "otel", config: {} }],
    vector_store: { enabled: true, type: "redis", config: { addr: "localhost:6379" } },
    logs_store: { enabled: true, type: "postgres", config: { host: "db", port: "5432" } },
    websocket: { max_connections_per_user: 100 },
    guardrails_config: { anything: [1, { at: "all" }] },
    cluster_config: { enabled: false },
  },
}
