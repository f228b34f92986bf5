-- One board over all data sets, once there is a job.
SELECT 'all'                                             AS id,
       'Accuracy, all data sets'                         AS title,
       jsonb_build_object('dataset_id', NULL)            AS parameters
WHERE EXISTS (SELECT FROM evaluation.modelpromptstatus)
