-- One board over all scopes, once there is a model.
SELECT 'all'                                             AS id,
       'Models, all scopes'                              AS title,
       jsonb_build_object('scope_key', NULL)             AS parameters
WHERE EXISTS (SELECT FROM competition.models)
