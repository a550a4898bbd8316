# The document's forty entries, as Rego says them.
package wardian

default allow := false

env := {"VAR_0", "VAR_1", "VAR_2", "VAR_3", "VAR_4", "VAR_5", "VAR_6", "VAR_7", "VAR_8", "VAR_9"}

allow if {
    input.action in {"env.read"}
    input.resource.kind == "env_var"
    input.resource.id in env
}

cache := {"namespace-0", "namespace-1", "namespace-2", "namespace-3", "namespace-4", "namespace-5", "namespace-6", "namespace-7", "namespace-8", "namespace-9"}

allow if {
    input.action in {"cache.read", "cache.write"}
    input.resource.kind == "namespace"
    input.resource.id in cache
}

sql := {"orders.query0", "orders.query1", "orders.query2", "orders.query3", "orders.query4", "orders.query5", "orders.query6", "orders.query7", "orders.query8", "orders.query9"}

allow if {
    input.action in {"db.read", "db.write"}
    input.resource.kind == "sql_query"
    input.resource.id in sql
}

hosts := {"api00.example.com", "api01.example.com", "api02.example.com", "api03.example.com", "api04.example.com", "api05.example.com", "api06.example.com", "api07.example.com", "api08.example.com", "api09.example.com"}

allow if {
    input.action in {"http.outbound"}
    input.resource.kind == "host"
    lower(input.resource.id) in hosts
}
